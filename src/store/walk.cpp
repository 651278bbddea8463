#include "store/walk.h"

#include <limits>

namespace store {

boost::asio::awaitable<std::expected<std::uint64_t, StoreError>> walk_events(
    Store& store, const nostr::Filter& filter, Walk walk,
    const std::function<bool(const StoredEvent&)>& visit) {
  const std::uint64_t limit = filter.limit.value_or(std::numeric_limits<std::uint64_t>::max());
  std::uint64_t visited = 0;
  std::optional<Position> after;
  std::optional<Seq> up_to;
  do {
    const auto page = co_await store.query({.filter = filter,
                                            .after = after,
                                            .up_to = up_to,
                                            .now = walk.now,
                                            .oldest_first = walk.oldest_first});
    if (!page) co_return std::unexpected(page.error());
    for (const StoredEvent& stored : page->events) {
      if (visited == limit || !visit(stored)) co_return visited;
      ++visited;
    }
    if (!up_to) up_to = page->snapshot;
    after = page->next;
  } while (after);
  co_return visited;
}

}  // namespace store
