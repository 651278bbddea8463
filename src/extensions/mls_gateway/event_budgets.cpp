#include "extensions/mls_gateway/event_budgets.h"

#include <fmt/format.h>

#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/key_package_pool.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

bool is_gated_kind(const nostr::Event& event) {
  switch (event.kind) {
    case nostr::kind::group_message:
    case nostr::kind::noise_dm:
    case nostr::kind::roster:
    case nostr::kind::gift_wrap:
    case nostr::kind::ephemeral_gift_wrap:
      return true;
    default:
      return is_key_package(event);
  }
}

/// What only this client can spend from.
std::string owner_of(const relay::EventContext& context) {
  return context.viewer.anonymous() ? std::string(context.peer.client().value.view())
                                    : std::string(context.viewer.keys.front().view());
}

}  // namespace

relay::Verdict EventBudgets::charge(const RateLimits& limits, const relay::EventContext& context) {
  const nostr::Event& event = context.event;
  if (!limits.any() || !is_gated_kind(event)) return relay::Verdict::pass();
  const std::string owner = owner_of(context);
  std::array<base::Budgets::Charge, 3> charges{};
  std::size_t count = 0;
  const auto add = [&](char purpose, std::string_view purse, std::int64_t limit,
                       std::int64_t period_s) {
    charges[count++] = {budgets_.purse(purpose, purse), {limit, period_s}};
  };
  add('e', owner, limits.max_events_per_minute, 60);
  if (is_key_package(event)) add('k', owner, limits.max_keypackages_per_hour, 3600);
  if (event.kind == nostr::kind::group_message) {
    add('m', owner, limits.max_group_messages_per_minute, 60);
    if (context.viewer.anonymous())
      add('h', event.tags.first("h").value_or(""), limits.max_group_messages_per_minute, 60);
  }
  const auto wait = budgets_.spend(std::span(charges).first(count), context.now);
  if (!wait) return relay::Verdict::pass();
  return relay::Verdict::deny(
      fmt::format("rate-limited: too many events of this kind; wait {} seconds", *wait));
}

base::Budgets::Charge EventBudgets::a_minute(char purpose, std::string_view owner,
                                             std::int64_t count) const {
  return {budgets_.purse(purpose, owner), {count, 60}};
}

EventBudgets::Wait EventBudgets::charge_change(const RateLimits& limits,
                                               const nostr::PublicKey& key, base::UnixSeconds now) {
  return budgets_.spend(std::array{a_minute('e', key.view(), limits.max_events_per_minute)}, now);
}

EventBudgets::Wait EventBudgets::charge_call(const RateLimits& limits, const nostr::PublicKey& key,
                                             base::UnixSeconds now) {
  return budgets_.spend(std::array{a_minute('a', key.view(), limits.max_api_calls_per_minute)},
                        now);
}

EventBudgets::Wait EventBudgets::charge_call(const RateLimits& limits, const base::IpAddress& peer,
                                             base::UnixSeconds now) {
  return budgets_.spend(
      std::array{a_minute('a', peer.client().value.view(), limits.max_api_calls_per_minute)}, now);
}

EventBudgets::Wait EventBudgets::failures(const RateLimits& limits, const base::IpAddress& peer,
                                          base::UnixSeconds now) {
  return budgets_.wait(
      std::array{a_minute('f', peer.client().value.view(), limits.max_api_calls_per_minute)}, now);
}

void EventBudgets::charge_failure(const RateLimits& limits, const base::IpAddress& peer,
                                  base::UnixSeconds now) {
  (void)budgets_.spend(
      std::array{a_minute('f', peer.client().value.view(), limits.max_api_calls_per_minute)}, now);
}

}  // namespace extensions::mls_gateway
