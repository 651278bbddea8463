#pragma once
#include <optional>
#include <string_view>

#include "base/budgets.h"
#include "extensions/mls_gateway/config.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// What each client may write in a while (`rate_limits`): counted by the first key it proved, or else by its address, and
/// for anonymous group messages by the group too. Shared by all workers, so that a second connection is no second budget.
/// Thread-safe, fixed memory.
class EventBudgets {
 public:
  EventBudgets() : budgets_(places) {}

  /// Charges the event. Denied with `rate-limited:` and the seconds to wait; kinds the gateway does not know pass.
  [[nodiscard]] relay::Verdict charge(const RateLimits& limits, const relay::EventContext& context);

  // Over HTTP. All give the seconds to wait, or nullopt when it is paid for.
  using Wait = std::optional<base::UnixSeconds>;
  /// A change that `key` makes without an event; draws on its max_events_per_minute.
  [[nodiscard]] Wait charge_change(const RateLimits& limits, const nostr::PublicKey& key,
                                   base::UnixSeconds now);
  /// A call (max_api_calls_per_minute) of a proved key, or of nobody at this address.
  [[nodiscard]] Wait charge_call(const RateLimits& limits, const nostr::PublicKey& key,
                                 base::UnixSeconds now);
  [[nodiscard]] Wait charge_call(const RateLimits& limits, const base::IpAddress& peer,
                                 base::UnixSeconds now);
  /// A proof or a token that was not good: as many as calls. Asked first, so that checking them cannot be made to cost more.
  [[nodiscard]] Wait failures(const RateLimits& limits, const base::IpAddress& peer,
                              base::UnixSeconds now);
  void charge_failure(const RateLimits& limits, const base::IpAddress& peer, base::UnixSeconds now);

 private:
  [[nodiscard]] base::Budgets::Charge a_minute(char purpose, std::string_view owner,
                                               std::int64_t count) const;

  static constexpr std::size_t places = 1 << 17;  // 1 MiB

  base::Budgets budgets_;
};

}  // namespace extensions::mls_gateway
