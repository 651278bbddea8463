#include "net/upgrade.h"

#include <openssl/evp.h>

#include <array>

#include "net/http_message.h"

namespace net {
namespace {

/// Base64 of 16 bytes (RFC 6455 §4.1).
bool is_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  std::array<unsigned char, 18> bytes;
  return EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(key.data()), 24) ==
         18;
}

}  // namespace

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest;
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> base64;  // 28 and a 0
  EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return {reinterpret_cast<const char*>(base64.data()), 28};
}

std::expected<std::string, relay::HttpResponse> accept_upgrade(const relay::HttpRequest& request) {
  if (request.path != "/")
    return std::unexpected(error_response(404, "not_found", "the WebSocket lives on /"));
  if (request.header("sec-websocket-version") != "13") {
    auto refusal = error_response(426, "upgrade_required", "please use WebSocket version 13");
    refusal.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    return std::unexpected(std::move(refusal));
  }
  const auto key = request.header("sec-websocket-key");
  if (!is_key(key))
    return std::unexpected(error_response(400, "bad_request", "Sec-WebSocket-Key is not valid"));
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         accept_key(key) + "\r\n\r\n";
}

}  // namespace net
