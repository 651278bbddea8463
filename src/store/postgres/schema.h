#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "store/postgres/link.h"
#include "store/store_error.h"

namespace store::postgres {

/// The statements that lead from each version of the schema to the next; version 0 is an empty one. Never changed once
/// released: what comes later is added behind. The layout is explained in docs/format/postgres.md.
[[nodiscard]] std::span<const std::vector<std::string_view>> migrations();

/// Creates the schema or brings it to this version, in one transaction; only one instance does it. Refuses one that a later
/// version made. The version that was there, 0 for none.
[[nodiscard]] boost::asio::awaitable<std::expected<std::size_t, StoreError>> migrate(
    Link& link, Deadline deadline);

/// Held by every commit until its end, so that all instances' commits have one order.
inline constexpr std::string_view lock_sql =
    "SELECT pg_advisory_xact_lock(hashtextextended('mls_gateway/' || current_schema(), 0))";
/// What instances that listen hear. Outside of the commit: in it, a lock of the whole server would be held while it is
/// flushed. To be lost without harm, so it waits for no flush of its own.
inline constexpr std::string_view notify_sql =
    "SELECT set_config('synchronous_commit', 'off', true), "
    "pg_notify('mls_gateway_' || left(md5(current_schema()), 16), '')";
inline constexpr std::string_view channel_sql =
    "SELECT 'mls_gateway_' || left(md5(current_schema()), 16)";

}  // namespace store::postgres
