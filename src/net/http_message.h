#pragma once
// HTTP/1.1 on the wire: requests in, responses out. No I/O. Boost.Beast's parser stays inside the
// .cpp.
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "relay/extension/http_api.h"

namespace net {

inline constexpr std::size_t max_http_head_bytes = 8 * 1024;
inline constexpr std::size_t max_http_body_bytes = 64 * 1024;

struct ParsedRequest {
  relay::HttpRequest request;
  bool keep_alive = false;    ///< the connection may carry another request
  bool to_websocket = false;  ///< asks to become a WebSocket (RFC 6455 §4.1)
};

/// Parses one request, however it is cut up. Not thread-safe.
class HttpParser {
 public:
  HttpParser();
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  /// Removes from the front of `input` what belongs to the request. true: it is complete; an error
  /// is the answer to give before closing.
  [[nodiscard]] std::expected<bool, relay::HttpResponse> parse(std::string& input);
  /// The client waits for "100 Continue" before it sends the body. True once.
  [[nodiscard]] bool wants_continue();
  /// The request, once parse() has said true; an error as above.
  [[nodiscard]] std::expected<ParsedRequest, relay::HttpResponse> take();

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
};

struct ResponseForm {
  bool keep_alive = false;
  bool without_body = false;  ///< the answer to HEAD: Content-Length says what GET would send
};
[[nodiscard]] std::string write_response(const relay::HttpResponse& response, ResponseForm form);

}  // namespace net
