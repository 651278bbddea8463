#include "net/router.h"

#include <utility>

namespace net {

Router::Router(std::vector<relay::HttpRoute> routes) {
  for (auto& route : routes) {
    auto& methods = paths_[route.path];
    if (route.method == "GET") methods.try_emplace("HEAD", route.handler);
    methods.try_emplace(std::move(route.method), std::move(route.handler));
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  const auto methods = paths_.find(path);
  if (methods == paths_.end()) return {};
  if (const auto found = methods->second.find(method); found != methods->second.end())
    return {.handler = &found->second, .allow = {}};
  std::string allow;
  for (const auto& [name, handler] : methods->second) {
    if (!allow.empty()) allow += ", ";
    allow += name;
  }
  return {.handler = nullptr, .allow = std::move(allow)};
}

}  // namespace net
