#pragma once
// Handing out key packages for single use (`keypackage_delivery = "single_use"`): who asks, for whom, and what of each
// owner's pool the commit gives away. Pure.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nostr/filter.h"
#include "store/operation.h"

namespace extensions::mls_gateway {

inline constexpr std::size_t max_owners_per_request = 50;
inline constexpr std::size_t max_hand_outs_per_hour = 10;  ///< per requester and owner

/// The owners that `filter` asks one package each of; none unless it is exactly kinds [443] with `authors` or `#p` (both:
/// who is in both) and perhaps `limit`.
[[nodiscard]] std::vector<nostr::PublicKey> owners_asked_for(const nostr::Filter& filter);

/// Of each owner one live package, consumed: it leaves pool and store in the commit that gives it away, its reference stays
/// known until its expiry. An owner's last live package and those of last resort are given, not consumed. Refused with
/// `rate-limited:` when every owner that has packages has given this requester enough for now.
class HandOut final : public store::Operation {
 public:
  HandOut(nostr::PublicKey requester, std::vector<nostr::PublicKey> owners)
      : requester_(requester), owners_(std::move(owners)) {}

  void reads(store::Reads& reads) const override;
  [[nodiscard]] std::expected<Effects, store::Refusal> run(const store::RowView& rows,
                                                           base::UnixSeconds now) const override;

 private:
  const nostr::PublicKey requester_;
  const std::vector<nostr::PublicKey> owners_;
};

}  // namespace extensions::mls_gateway
