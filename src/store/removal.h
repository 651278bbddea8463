#pragma once
#include <functional>
#include <memory>

#include "store/store.h"

namespace store {

/// One step of a removal.
struct Removed {
  std::size_t events = 0;
  std::shared_ptr<const CommitBatch> batch;  ///< null when nothing was found
  std::optional<Position> next;              ///< where to go on; nullopt: that was all
};

/// Takes what `chosen` says yes to from one page of a query out of the store, in a commit of its own
/// and with its rows (stage_erase). No tombstone is left: the same event may come again.
/// `chosen` and what `request` refers to outlive the call.
[[nodiscard]] boost::asio::awaitable<std::expected<Removed, StoreError>> remove_page(
    Store& store, PageRequest request, const std::function<bool(const nostr::Event&)>& chosen,
    const Stager& stager);

}  // namespace store
