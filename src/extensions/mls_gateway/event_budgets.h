#pragma once
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

 private:
  static constexpr std::size_t places = 1 << 17;  // 1 MiB

  base::Budgets budgets_;
};

}  // namespace extensions::mls_gateway
