#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <expected>

#include "nostr/filter.h"
#include "relay/extension/extension.h"
#include "store/rows.h"

namespace extensions::search {

/// The events that hold all words of `filter`, most about them first, newest first among equals. Of the word that the
/// fewest hold it looks at the newest `candidates` (that are not newer than `until`), so a search of common words does
/// not see old events; it says so (Found::complete), and an `until` leads to them.
/// REQUIRES: filter.searches(). `executor`: others get their turn between two words. `rows` and `filter` outlive it.
[[nodiscard]] boost::asio::awaitable<std::expected<relay::Found, store::StoreError>> find(
    store::RowReader& rows, boost::asio::any_io_executor executor, const nostr::Filter& filter,
    std::size_t candidates);

}  // namespace extensions::search
