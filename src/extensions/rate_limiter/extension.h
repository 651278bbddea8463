#pragma once
#include <vector>

#include "base/budgets.h"
#include "base/ip_network.h"
#include "base/published.h"
#include "extensions/rate_limiter/config.h"
#include "extensions/rate_limiter/rule.h"
#include "relay/extension/extension.h"

namespace extensions::rate_limiter {

/// A Config, understood.
struct Limits {
  std::vector<Rule> rules{};
  std::vector<base::IpNetwork> exempt_networks{};
  std::vector<nostr::PublicKey> exempt_keys{};  ///< sorted
};

/// How often clients may do what costs: connect, AUTH, REQ and COUNT, EVENT. Budgets are shared by
/// all workers, so that a second connection is no second budget. Thread-safe, fixed memory.
class RateLimiter final : public relay::Extension {
 public:
  /// REQUIRES: `config` passed its checks.
  explicit RateLimiter(const Config& config);

  /// For running workers, which take it over in on_reload(). A rule that stays keeps what was
  /// spent. Thread-safe.
  void configure(const Config& config);

  [[nodiscard]] std::string_view name() const override { return "rate_limiter"; }
  [[nodiscard]] relay::Phases phases() const override;
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

 private:
  static constexpr std::size_t places = 1 << 17;  // 1 MiB

  base::Published<Limits> limits_;
  mutable base::Budgets budgets_{places};  // thread-safe
};

}  // namespace extensions::rate_limiter
