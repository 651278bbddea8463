#pragma once
#include <string>

#include "extensions/mls_gateway/roster.h"
#include "store/operation.h"

namespace extensions::mls_gateway {

/// A roster order that no event brings (accept_order).
class MemberChange final : public store::Operation {
 public:
  MemberChange(std::string group_id, const Orderer& orderer, RosterOrder order)
      : group_id_(std::move(group_id)), orderer_(orderer), order_(std::move(order)) {}

  void reads(store::Reads& reads) const override {
    order_reads(group_id_, orderer_, order_, reads);
  }
  [[nodiscard]] std::expected<Effects, store::Refusal> run(const store::RowView& rows,
                                                           base::UnixSeconds now) const override {
    auto staged = accept_order(group_id_, orderer_, order_, rows, now);
    if (!staged) return std::unexpected(std::move(staged.error()));
    return Effects{.changes = std::move(staged->changes)};
  }

 private:
  const std::string group_id_;
  const Orderer orderer_;
  const RosterOrder order_;
};

}  // namespace extensions::mls_gateway
