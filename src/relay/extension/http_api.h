#pragma once
// HTTP as handlers see it: neutral values, no socket, no library types.
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip_address.h"

namespace relay {

struct HttpRequest {
  std::string method;  ///< upper case: "GET"
  std::string path;    ///< without query, percent-encoding untouched
  std::string query;   ///< without '?'
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  base::IpAddress peer = {};  ///< the client's, behind trusted proxies too
  /// What stands where the route's path has a `{name}`, percent-decoded, in their order.
  std::vector<std::string> segments = {};

  /// The first header of this (lower-case) name, "" if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// `{"error":text,"code":code}`. `text` may hold anything and says the remedy; `code` is a word.
[[nodiscard]] HttpResponse http_error(int status, std::string_view code, std::string_view text);

/// Runs on the worker that accepted the request. Must not throw.
using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

/// A GET route answers HEAD too.
struct HttpRoute {
  std::string method;
  std::string path;  ///< exact, but that a segment `{name}` stands for any one that is not empty
  HttpHandler handler;
  /// Web pages of `server.allowed_origins` may call it and read the answer (CORS); OPTIONS is answered for it.
  bool for_pages = false;
};

}  // namespace relay
