#include "store/retention_sweep.h"

#include <algorithm>

namespace store {
namespace {

// Each kind costs a search in an index; with more of them it is cheaper to look at all kinds.
constexpr std::size_t max_kinds = 1000;

nostr::Filter filter_of(const nostr::RetentionRule& rule, base::UnixSeconds now) {
  nostr::Filter filter;
  if (*rule.keep_s > 0) filter.until = now - *rule.keep_s;
  std::vector<nostr::Kind> kinds;
  for (const auto& [first, last] : rule.kinds) {
    if (kinds.size() + (last - first) >= max_kinds) return filter;
    for (unsigned kind = first; kind <= last; ++kind)
      kinds.push_back(static_cast<nostr::Kind>(kind));
  }
  std::ranges::sort(kinds);
  kinds.erase(std::ranges::unique(kinds).begin(), kinds.end());
  filter.kinds = std::move(kinds);
  return filter;
}

}  // namespace

void RetentionSweep::skip() {
  while (!done() && !rules_.rules()[rule_].keep_s) ++rule_;
}

boost::asio::awaitable<std::expected<Removed, StoreError>> RetentionSweep::step(
    Store& store, base::UnixSeconds now, std::size_t max, const Stager& stager) {
  const nostr::Filter filter = filter_of(rules_.rules()[rule_], now);
  // The first rule that covers a kind decides, whichever rule led to the event.
  const std::function<bool(const nostr::Event&)> due = [&](const nostr::Event& event) {
    return rules_.is_due(event, now);
  };
  auto removed = co_await remove_page(
      store,
      {.filter = filter, .after = after_, .up_to = std::nullopt, .max_events = max, .now = now},
      due, stager);
  if (!removed) co_return removed;
  after_ = removed->next;
  if (!after_) {
    ++rule_;
    skip();
  }
  co_return removed;
}

}  // namespace store
