#pragma once
#include <functional>
#include <memory>
#include <mutex>

#include "base/log.h"
#include "base/published.h"
#include "extensions/management/config.h"
#include "extensions/management/standing.h"
#include "relay/extension/extension.h"

namespace extensions::management {

/// What the workers know of the newest announcement; each tells of a commit once it has heard of it, at its own time.
/// Thread-safe.
class Board {
 public:
  using Tell = std::function<void(const Announcement&)>;

  /// From now on, and at once: what is announced. Called by any thread, one at a time, in the order of commits.
  void tell(Tell tell);
  /// `at`: the commit that made it so; what is older than the one on the board is not news.
  void post(store::Seq at, const Announcement& announcement);
  /// As post(), by a worker that read everything anew: commits may have other numbers than before.
  void begin(store::Seq at, const Announcement& announcement);
  [[nodiscard]] std::shared_ptr<const Announcement> current() const { return current_.get(); }

 private:
  void put_up(const Announcement& announcement);

  std::mutex mutex_;
  store::Seq at_ = 0;  // guarded by mutex_
  Tell tell_ = [](const Announcement&) {};
  base::Published<Announcement> current_{Announcement{}};
};

/// Relay management (NIP-86): bans and lists that an operator changes while the relay runs. They are rows of the store; every
/// worker knows of a change before the operator is answered. Thread-safe.
class Management final : public relay::Extension {
 public:
  /// REQUIRES: `config` passed its checks.
  Management(Config config, base::Log log);

  void configure(Config config) { config_.set(std::move(config)); }
  /// Whom to tell what the relay is to say of itself. Before workers are attached.
  void announce_to(Board::Tell tell) const { board_->tell(std::move(tell)); }

  [[nodiscard]] std::string_view name() const override { return "management"; }
  [[nodiscard]] relay::Phases phases() const override;
  [[nodiscard]] std::vector<int> nips() const override;
  [[nodiscard]] bool restricts_writes() const override;
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

  // What was checked before may have waited for others while a ban was committed.
  void reads(const store::Write& write, store::Reads& reads) const override;
  [[nodiscard]] std::expected<store::Staged, store::Refusal> stage(
      const store::Write& write, const store::RowView& rows) const override;

 private:
  base::Published<Config> config_;
  const base::Log log_;
  const std::shared_ptr<Board> board_ = std::make_shared<Board>();
};

}  // namespace extensions::management
