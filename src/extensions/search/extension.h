#pragma once
#include "base/published.h"
#include "extensions/search/config.h"
#include "relay/extension/extension.h"

namespace extensions::search {

/// Finds events by their words (NIP-50). The words of an event are rows that commit with it and leave with it
/// (word_rows.h); finding looks at rows alone. Thread-safe.
class Search final : public relay::Extension {
 public:
  explicit Search(Config config) : config_(std::move(config)) {}

  [[nodiscard]] std::string_view name() const override { return "search"; }
  [[nodiscard]] relay::Phases phases() const override {
    using enum relay::Phase;
    return stage_write | may_read | find;
  }
  [[nodiscard]] std::vector<int> nips() const override { return {50}; }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

  [[nodiscard]] std::expected<store::Staged, store::Refusal> stage(
      const store::Write& write, const store::RowView& rows) const override;
  [[nodiscard]] std::vector<store::RowChange> stage_erase(
      const store::StoredEvent& erased, const store::RowView& rows) const override;

  /// Workers take it over in on_reload(); events that are stored already keep their rows.
  void configure(Config config) { config_.set(std::move(config)); }

 private:
  base::Published<Config> config_;
};

}  // namespace extensions::search
