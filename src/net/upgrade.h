#pragma once
// The server's half of the opening handshake (RFC 6455 §4.2).
#include <expected>
#include <string>
#include <string_view>

#include "net/compression.h"
#include "relay/extension/http_api.h"

namespace net {

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

struct Upgrade {
  std::string response;  ///< "101 Switching Protocols", to be sent
  Compression compression;
};

/// What to answer, or the refusal. WebSockets live on "/" only. Without `may_compress` no extension
/// is looked at.
[[nodiscard]] std::expected<Upgrade, relay::HttpResponse> accept_upgrade(
    const relay::HttpRequest& request, bool may_compress);

}  // namespace net
