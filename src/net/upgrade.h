#pragma once
// The server's half of the opening handshake (RFC 6455 §4.2).
#include <expected>
#include <string>
#include <string_view>

#include "relay/extension/http_api.h"

namespace net {

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

/// The "101 Switching Protocols" to send, or the refusal. WebSockets live on "/" only.
[[nodiscard]] std::expected<std::string, relay::HttpResponse> accept_upgrade(
    const relay::HttpRequest& request);

}  // namespace net
