#include "store/memory/memory_store.h"

#include <algorithm>
#include <mutex>
#include <ranges>

#include "store/rules.h"

namespace store {

using boost::asio::awaitable;

awaitable<std::expected<AppendResult, StoreError>> MemoryStore::append(
    std::span<const Write> writes, const Stager& stager) {
  std::unique_lock lock(mutex_);
  AppendResult result = append_writes(ledger_, last_, writes, stager);
  last_ = result.batch->last;
  co_return result;
}

awaitable<std::expected<Store::PerformedAll, StoreError>> MemoryStore::perform_all(
    std::span<const Operation* const> operations, base::UnixSeconds now, const Stager& stager) {
  std::unique_lock lock(mutex_);
  PerformedAll result = run_operations(ledger_, last_, operations, now, stager);
  last_ = result.batch->last;
  co_return result;
}

awaitable<std::expected<Store::Purged, StoreError>> MemoryStore::purge_expired(
    base::UnixSeconds now, std::size_t max, const Stager& stager) {
  std::unique_lock lock(mutex_);
  Purged result = purge(ledger_, last_, now, max, stager);
  last_ = result.batch->last;
  co_return result;
}

awaitable<std::expected<Page, StoreError>> MemoryStore::query(PageRequest request) {
  std::shared_lock lock(mutex_);
  const auto& [events, after] = std::tie(ledger_.events, request.after);
  if (request.oldest_first) {
    const auto end = after ? events.lower_bound(*after) : events.end();
    co_return scan(std::ranges::subrange(events.begin(), end) | std::views::reverse, request);
  }
  const auto begin = after ? events.upper_bound(*after) : events.begin();
  co_return scan(std::ranges::subrange(begin, events.end()), request);
}

template <typename Events>
Page MemoryStore::scan(const Events& events, const PageRequest& request) const {
  Page page;
  page.snapshot = last_;
  const std::size_t max_events = std::max<std::size_t>(1, request.max_events);
  const std::size_t max_scanned = std::max<std::size_t>(1, request.max_scanned);
  std::size_t scanned = 0;
  std::optional<Position> last;
  for (const auto& [position, stored] : events) {
    if (page.events.size() >= max_events || scanned >= max_scanned) {
      page.next = last;
      return page;
    }
    ++scanned;
    last = position;
    if (request.up_to && stored.seq > *request.up_to) continue;
    if (expired(stored.expires_at, request.now) || ledger_.hides(stored)) continue;
    if (request.filter.matches(*stored.event)) page.events.push_back(stored);
  }
  return page;
}

awaitable<std::expected<StoreInfo, StoreError>> MemoryStore::info() {
  std::shared_lock lock(mutex_);
  co_return StoreInfo{.events = ledger_.events.size(), .rows = ledger_.rows.size(), .last = last_};
}

awaitable<std::expected<std::vector<std::optional<std::string>>, StoreError>> MemoryStore::get_rows(
    std::vector<std::string> keys) {
  std::shared_lock lock(mutex_);
  std::vector<std::optional<std::string>> values;
  for (const std::string& key : keys) {
    const auto row = ledger_.rows.find(key);
    values.push_back(row == ledger_.rows.end() ? std::nullopt : std::optional(row->second.value));
  }
  co_return values;
}

awaitable<std::expected<RowPage, StoreError>> MemoryStore::scan_rows(
    std::string prefix, std::optional<std::string> after, std::size_t max) {
  std::shared_lock lock(mutex_);
  const auto& rows = ledger_.rows;
  RowPage page;
  page.snapshot = last_;
  auto row = after && *after >= prefix ? rows.upper_bound(*after) : rows.lower_bound(prefix);
  for (; row != rows.end() && row->first.starts_with(prefix); ++row) {
    if (page.rows.size() == std::max<std::size_t>(1, max)) {
      page.next = page.rows.back().key;
      break;
    }
    page.rows.push_back({row->first, row->second.value});
  }
  co_return page;
}

}  // namespace store
