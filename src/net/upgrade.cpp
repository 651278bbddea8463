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

/// The headers of this name as one list (RFC 9110 §5.2).
std::string joined_headers(const relay::HttpRequest& request, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : request.headers)
    if (key == name) all.append(value).append(", ");
  return all;
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

std::expected<Upgrade, relay::HttpResponse> accept_upgrade(const relay::HttpRequest& request,
                                                           bool may_compress) {
  if (request.path != "/")
    return std::unexpected(relay::http_error(404, "not_found", "the WebSocket lives on /"));
  if (request.header("sec-websocket-version") != "13") {
    auto refusal = relay::http_error(426, "upgrade_required", "please use WebSocket version 13");
    refusal.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    return std::unexpected(std::move(refusal));
  }
  const auto key = request.header("sec-websocket-key");
  if (!is_key(key))
    return std::unexpected(relay::http_error(400, "bad_request", "Sec-WebSocket-Key is not valid"));
  const auto compression =
      may_compress ? choose_compression(joined_headers(request, "sec-websocket-extensions"))
                   : Compression{};
  if (!compression)
    return std::unexpected(
        relay::http_error(400, "bad_request", "Sec-WebSocket-Extensions is not valid"));
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  response.append(accept_key(key)).append("\r\n");
  if (*compression)
    response.append("Sec-WebSocket-Extensions: ")
        .append(accepted_extension(*compression))
        .append("\r\n");
  return Upgrade{std::move(response.append("\r\n")), *compression};
}

}  // namespace net
