#pragma once
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace app {

/// Where an HTTP server is asked.
struct HttpTarget {
  bool tls = false;
  std::string host{}, port{};
  std::string unix_socket{};  ///< instead of host and port
  std::string path = "/readyz";
};

/// "http://host:port/path", "https://…", "unix:/run/mls-gateway.sock" (asked for /readyz).
[[nodiscard]] std::optional<HttpTarget> parse_http_target(const std::string& url);

struct HttpAnswer {
  std::string status_line;  ///< "HTTP/1.1 200 OK"
  std::string body;         ///< at most 64 KiB
};

/// One GET. The certificate is not checked: the question is whether the relay answers, not who it is. Blocks for at most
/// `timeout`; the error says why there is no answer.
[[nodiscard]] std::expected<HttpAnswer, std::string> http_get(const HttpTarget& target,
                                                              std::chrono::seconds timeout);

}  // namespace app
