#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "relay/extension/http_api.h"

namespace relay {

/// What follows "Bearer" in the Authorization header (RFC 6750); nullopt without one. A token in the address counts for
/// nothing.
[[nodiscard]] std::optional<std::string_view> bearer_token(const HttpRequest& request);

/// Is it one of these? Compared in a time that tells nothing but the length. Empty tokens are nobody's.
[[nodiscard]] bool is_one_of(std::span<const std::string> tokens, std::string_view given);

}  // namespace relay
