#pragma once
#include <optional>
#include <string_view>

#include "extensions/mls_gateway/config.h"
#include "relay/extension/http_api.h"

namespace extensions::mls_gateway {

/// What follows "Bearer" in the Authorization header; nullopt without one. A token in the address counts for nothing.
[[nodiscard]] std::optional<std::string_view> bearer_token(const relay::HttpRequest& request);

/// Is it one of `service_tokens`? In constant time for tokens of one length.
[[nodiscard]] bool is_service_token(const Config& config, std::string_view given);

}  // namespace extensions::mls_gateway
