#include "extensions/mls_gateway/figures.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

using relay::Measure;

constexpr std::size_t rows_of_a_slice = 256;
constexpr int share_of_time = 100;

void add(std::atomic<std::uint64_t>& counter, std::int64_t count) {
  const auto more = static_cast<std::uint64_t>(count);
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

bool is_key_package(const store::StoredEvent& stored) {
  return stored.event->kind == nostr::kind::key_package ||
         stored.event->kind == nostr::kind::addressable_key_package;
}

/// The sum of what `worth` gives for each row below `prefix`; nullopt where the store fails.
boost::asio::awaitable<std::optional<std::uint64_t>> sum_of_rows(
    store::RowReader& rows, std::string_view prefix, std::uint64_t (*worth)(const store::Row&)) {
  std::uint64_t sum = 0;
  std::optional<std::string> after;
  do {
    const auto page = co_await rows.scan_rows(std::string(prefix), after, rows_of_a_slice);
    if (!page) co_return std::nullopt;
    for (const store::Row& row : page->rows) sum += worth(row);
    after = page->next;
    // Others get their turn between two slices.
    if (after)
      co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                                 boost::asio::use_awaitable);
  } while (after);
  co_return sum;
}

std::uint64_t one(const store::Row&) { return 1; }

std::uint64_t live_packages(const store::Row& row) {
  const auto pool = decode_pool(row.value);
  if (!pool) return 0;
  const auto now = base::system_now();
  return static_cast<std::uint64_t>(
      std::ranges::count_if(*pool, [now](const auto& package) { return package.live(now); }));
}

}  // namespace

void Figures::add(const relay::Committed& committed) {
  std::int64_t groups = 0, members = 0;
  for (const store::RowChange& change : committed.changes) {
    groups += change.key.starts_with(all_groups);
    members += change.key.starts_with(all_memberships);
  }
  mls_gateway::add(groups_updated_, groups);
  mls_gateway::add(membership_updates_, members);
  mls_gateway::add(packages_stored_, std::ranges::count_if(committed.events, is_key_package));
}

boost::asio::awaitable<void> Figures::count(store::RowReader& rows) {
  if (counting_.exchange(true)) co_return;
  const auto begun = Clock::now();
  const auto groups = co_await sum_of_rows(rows, all_groups, one);
  const auto packages = co_await sum_of_rows(rows, all_pools, live_packages);
  counting_ = false;
  if (!groups || !packages) co_return;
  const auto ended = Clock::now();
  const std::lock_guard lock(mutex_);
  totals_ = {*groups, *packages, ended + share_of_time * (ended - begun)};
}

boost::asio::awaitable<relay::Measures> Figures::measure(store::RowReader& rows) {
  if (Clock::now() >= totals().hold_until) co_await count(rows);
  const Totals found = totals();
  const auto value = [](const std::atomic<std::uint64_t>& counter) {
    return static_cast<double>(counter.load(std::memory_order_relaxed));
  };
  co_return relay::Measures{
      {"mls_gateway_groups_updated_total", "Changes of a group's entry in the registry.",
       Measure::Type::counter, value(groups_updated_)},
      {"mls_gateway_keypackages_stored_total", "Key packages that were stored.",
       Measure::Type::counter, value(packages_stored_)},
      {"mls_gateway_membership_updates_total",
       "Members that were added to a group, removed, or given another role.",
       Measure::Type::counter, value(membership_updates_)},
      {"mls_gateway_sidecar_requests_total", "Questions to the ACL sidecar.",
       Measure::Type::counter, value(sidecar_->asked)},
      {"mls_gateway_sidecar_failures_total", "Those of them that got no answer: each is a no.",
       Measure::Type::counter, value(sidecar_->failed)},
      {"mls_gateway_sidecar_overload_total",
       "Memberships not asked for, because too many questions waited: each is a no.",
       Measure::Type::counter, value(sidecar_->denied_for_overload)},
      {"mls_gateway_groups", "Groups in the registry.", Measure::Type::gauge,
       static_cast<double>(found.groups)},
      {"mls_gateway_key_packages", "Key packages that are live.", Measure::Type::gauge,
       static_cast<double>(found.key_packages)}};
}

}  // namespace extensions::mls_gateway
