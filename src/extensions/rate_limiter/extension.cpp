#include "extensions/rate_limiter/extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "nostr/nip19.h"

namespace extensions::rate_limiter {
namespace {

using relay::Verdict;

Limits understood(const Config& config) {
  Limits limits;
  for (const auto& text : config.rules | std::views::take(max_rules))
    limits.rules.push_back(parse_rule(text).value());
  for (const auto& text : config.exempt_addresses)
    limits.exempt_networks.push_back(base::parse_ip_network(text).value());
  for (const auto& text : config.exempt_pubkeys)
    limits.exempt_keys.push_back(nostr::parse_public_key(text).value());
  std::ranges::sort(limits.exempt_keys);
  return limits;
}

/// What somebody does, and as whom.
struct Act {
  Deed deed;
  const nostr::Viewer& viewer;
  const base::IpAddress& peer;
  base::UnixSeconds now;
  const nostr::Event* event = nullptr;  ///< of Deed::event
};

class RateLimiterWorker final : public relay::WorkerExtension {
 public:
  RateLimiterWorker(const base::Published<Limits>& published, base::Budgets& budgets)
      : published_(published), budgets_(budgets), limits_(published.get()) {}

  void on_reload() override { limits_ = published_.get(); }

  std::string_view check_connection(const relay::ClientContext& context) override {
    if (!context.opens || !wait({Deed::connect, context.viewer, context.peer, context.now}))
      return {};
    return "rate-limited: too many connections; try again later";
  }
  Verdict check_auth(const relay::ClientContext& context) override {
    return charge({Deed::auth, context.viewer, context.peer, context.now});
  }
  Verdict check_event(const relay::EventContext& context) override {
    return charge({Deed::event, context.viewer, context.peer, context.now, &context.event});
  }
  Verdict check_req(const relay::ReqContext& context) override {
    return charge({Deed::req, context.viewer, context.peer, context.now});
  }

 private:
  [[nodiscard]] Verdict charge(const Act& act) {
    const auto seconds = wait(act);
    if (!seconds) return Verdict::pass();
    return Verdict::deny(fmt::format(
        "rate-limited: this is more than you may send here; try again in {} s", *seconds));
  }

  /// Charges every rule that fits, or none and says for how long.
  [[nodiscard]] std::optional<base::UnixSeconds> wait(const Act& act) {
    if (limits_->rules.empty() || exempt(act)) return std::nullopt;
    std::array<base::Budgets::Charge, max_rules> charges{};
    std::size_t count = 0;
    for (const Rule& rule : limits_->rules) {
      if (const auto payer = payer_of(rule, act))
        charges[count++] = {budgets_.purse('r', rule.text + '\n' + *payer), rule.rate};
    }
    return budgets_.spend(std::span(charges).first(count), act.now);
  }

  [[nodiscard]] bool exempt(const Act& act) const {
    const auto listed = [this](const nostr::PublicKey& key) {
      return std::ranges::binary_search(limits_->exempt_keys, key);
    };
    if (act.event && listed(act.event->pubkey)) return true;
    return std::ranges::any_of(act.viewer.keys, listed) ||
           std::ranges::any_of(limits_->exempt_networks,
                               [&](const auto& network) { return network.contains(act.peer); });
  }

  /// Whose budget the rule takes this from; nullopt where it does not fit.
  [[nodiscard]] static std::optional<std::string> payer_of(const Rule& rule, const Act& act) {
    if (rule.deed != act.deed) return std::nullopt;
    if (!rule.kinds.empty() && !rule.kinds.contains(act.event->kind)) return std::nullopt;
    switch (rule.payer) {
      case Payer::key:
        if (!act.viewer.anonymous()) return std::string(act.viewer.keys.front().view());
        [[fallthrough]];
      case Payer::address:
        return std::string(act.peer.client().value.view());
      case Payer::author:
        return std::string(act.event->pubkey.view());
      case Payer::tag: {
        const auto value = act.event->tags.first({&rule.tag, 1});
        return value ? std::optional<std::string>(*value) : std::nullopt;
      }
      case Payer::relay:
        return "";
    }
    return std::nullopt;
  }

  const base::Published<Limits>& published_;
  base::Budgets& budgets_;
  std::shared_ptr<const Limits> limits_;
};

}  // namespace

RateLimiter::RateLimiter(const Config& config) : limits_(understood(config)) {}

void RateLimiter::configure(const Config& config) { limits_.set(understood(config)); }

relay::Phases RateLimiter::phases() const {
  using enum relay::Phase;
  return check_connection | check_auth | check_event | check_req;
}

std::unique_ptr<relay::WorkerExtension> RateLimiter::attach(relay::WorkerServices) const {
  return std::make_unique<RateLimiterWorker>(limits_, budgets_);
}

}  // namespace extensions::rate_limiter
