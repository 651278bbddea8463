#pragma once
#include "relay/admission.h"
#include "store/stager.h"

namespace relay {

/// The stage_write phase of all extensions as one Stager: any refusal wins, effects add up. Immutable, thread-safe.
class Staging final : public store::Stager {
 public:
  explicit Staging(const Extensions& extensions);

  void reads(const store::Write& write, store::Reads& reads) const override;
  [[nodiscard]] std::expected<store::Staged, store::Refusal> stage(
      const store::Write& write, const store::RowView& rows) const override;
  void erase_reads(const store::StoredEvent& erased, store::Reads& reads) const override;
  [[nodiscard]] std::vector<store::RowChange> stage_erase(
      const store::StoredEvent& erased, const store::RowView& rows) const override;

 private:
  Extensions members_;
};

}  // namespace relay
