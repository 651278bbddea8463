#pragma once
// How REST answers are written. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "relay/extension/http_api.h"

namespace extensions::mls_gateway {

/// A JSON string with its quotes.
[[nodiscard]] std::string quoted(std::string_view text);
/// RFC 3339 in UTC, quoted; no later than the year 9999, after which that form has no name.
[[nodiscard]] std::string quoted_time(base::UnixSeconds time);
/// The end of a list that goes on: `"cursor":…,"has_more":…`.
[[nodiscard]] std::string page_end(const std::optional<std::string>& cursor);

[[nodiscard]] relay::HttpResponse json_answer(std::string body);
/// 204
[[nodiscard]] relay::HttpResponse no_content();

}  // namespace extensions::mls_gateway
