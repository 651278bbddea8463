#pragma once
#include "base/log.h"
#include "base/published.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/event_budgets.h"
#include "extensions/mls_gateway/figures.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// Gated delivery of MLS groups (443, 30443, 444, 445, 450, 1059) and Noise messages (446). Each rule
/// has its file: event_shape (checks of one event), groups and key_package_pool (what it means), read_rules (who may
/// have it). Thread-safe.
class MlsGateway final : public relay::Extension {
 public:
  MlsGateway(Config config, base::Log log)
      : config_(std::move(config)), log_(base::component(log, "gateway")) {}

  /// From now on commits go by `config`; the worker halves take it over in on_reload(). What a restart is needed for must
  /// be as before.
  void configure(Config config) { config_.set(std::move(config)); }

  [[nodiscard]] std::string_view name() const override { return "mls_gateway"; }
  [[nodiscard]] relay::Phases phases() const override;
  [[nodiscard]] std::vector<int> nips() const override { return {17, 59}; }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;
  void on_committed(const relay::Committed& committed) const override { figures_.add(committed); }
  [[nodiscard]] boost::asio::awaitable<relay::Measures> measure(
      store::RowReader& rows) const override {
    return figures_.measure(rows);
  }

  void reads(const store::Write& write, store::Reads& reads) const override;
  [[nodiscard]] std::expected<store::Staged, store::Refusal> stage(
      const store::Write& write, const store::RowView& rows) const override;
  void erase_reads(const store::StoredEvent& erased, store::Reads& reads) const override;
  [[nodiscard]] std::vector<store::RowChange> stage_erase(
      const store::StoredEvent& erased, const store::RowView& rows) const override;

 private:
  base::Published<Config> config_;
  const base::Log log_;
  mutable EventBudgets budgets_;  // thread-safe
  mutable Figures figures_;
};

}  // namespace extensions::mls_gateway
