#pragma once
#include <functional>

#include "store/store.h"

namespace store {

struct Walk {
  base::UnixSeconds now = 0;  ///< what expired by then is left out
  bool oldest_first = false;
};

/// For an operator, past every read decision: hands each event that `filter` matches to `visit`, `limit` of them at
/// most, until it says no; those of later commits than the walk's first page are left out. Returns how many it visited.
[[nodiscard]] boost::asio::awaitable<std::expected<std::uint64_t, StoreError>> walk_events(
    Store& store, const nostr::Filter& filter, Walk walk,
    const std::function<bool(const StoredEvent&)>& visit);

}  // namespace store
