#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>

#include "base/clock.h"
#include "store/operation.h"
#include "store/rows.h"

namespace extensions::mls_gateway {

/// Does `operation` do anything, by the rows as they are? Asked before the commit is, so that what is refused or does nothing
/// does not take the writer's time; the commit decides. The error is the refusal's reason. REQUIRES: it reads no prefixes.
[[nodiscard]] boost::asio::awaitable<std::expected<bool, std::string>> is_worth_doing(
    store::RowReader& rows, const store::Operation& operation, base::UnixSeconds now);

}  // namespace extensions::mls_gateway
