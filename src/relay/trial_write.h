#pragma once
#include "store/operation.h"

namespace relay {

/// Writes a row as large as a large event, or takes it away again: finds out whether a store that failed takes writes.
class TrialWrite final : public store::Operation {
 public:
  enum class Step { write, erase };
  explicit TrialWrite(Step step) : step_(step) {}

  void reads(store::Reads&) const override {}
  [[nodiscard]] std::expected<Effects, store::Refusal> run(const store::RowView&,
                                                           base::UnixSeconds) const override {
    constexpr std::size_t bytes = 128 * 1024;
    store::RowChange change{.key = "relay/trial", .value = std::nullopt};
    if (step_ == Step::write) change.value = std::string(bytes, '.');
    return Effects{.changes = {std::move(change)}, .picks = {}};
  }

 private:
  const Step step_;
};

}  // namespace relay
