#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace client {

struct HttpReply {
  unsigned status = 0;
  std::string body;
};

struct HttpPost {
  std::string url;  ///< http://, https://, ws:// or wss://host[:port][/path]
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string known_as = {};  ///< the URL whose host the certificate must be good for; "": `url`
  std::chrono::seconds timeout{30};  ///< for each: connecting, sending, the answer
};

/// One POST on a connection of its own. Of a TLS address the certificate is checked. The error is a sentence. REQUIRES:
/// nostr::parse_relay_url() takes both URLs.
[[nodiscard]] boost::asio::awaitable<std::expected<HttpReply, std::string>> send(HttpPost post);

}  // namespace client
