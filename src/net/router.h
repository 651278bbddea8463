#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "relay/extension/http_api.h"

namespace net {

/// Finds the handler of a request by path and method; a GET route answers HEAD too. A path that is
/// written out wins over one with a `{name}`. Immutable once made, so that every worker may share
/// it; a later route of the same method and path is ignored.
class Router {
 public:
  struct Match {
    const relay::HttpHandler* handler = nullptr;  ///< null: no such path, or not with this method
    std::string_view path = {};                   ///< as the route has it: "/groups/{id}"
    std::string allow = {};                       ///< for 405: the path's methods; empty for 404
    std::vector<std::string> segments = {};       ///< HttpRequest::segments
  };

  explicit Router(std::vector<relay::HttpRoute> routes);

  /// The handler lives as long as the router.
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;

 private:
  using Methods = std::map<std::string, relay::HttpHandler, std::less<>>;
  using Paths = std::map<std::string, Methods, std::less<>>;
  [[nodiscard]] static Match choose(const Paths::value_type& route, std::string_view method);

  Paths paths_;
  Paths patterns_;  // paths with a `{name}`
};

}  // namespace net
