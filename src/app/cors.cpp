#include "app/cors.h"

#include <algorithm>
#include <map>

namespace app {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;
using relay::HttpRoute;

/// Which pages may read the answer: all, or the asking one when it is on the list. All headers on every answer, not to OPTIONS
/// alone, because NIP-11 wants them.
void allow_origin(const std::vector<std::string>& allowed, const std::string& origin,
                  const std::string& methods, HttpResponse& response) {
  const bool all = std::ranges::find(allowed, "*") != allowed.end();
  if (!all) response.headers.emplace_back("Vary", "Origin");
  if (!all && std::ranges::find(allowed, origin) == allowed.end()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", all ? "*" : origin);
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "Accept, Authorization, Content-Type");
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate");
}

relay::HttpHandler sharing(relay::HttpHandler handler, std::string methods,
                           AllowedOrigins origins) {
  return [handler = std::move(handler), methods = std::move(methods), origins = std::move(origins)](
             HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    const std::string origin(request.header("origin"));
    HttpResponse response = co_await handler(std::move(request));
    allow_origin(origins(), origin, methods, response);
    co_return response;
  };
}

relay::HttpHandler preflight(std::string methods) {
  return [methods = std::move(methods)](HttpRequest) -> boost::asio::awaitable<HttpResponse> {
    HttpResponse response;
    response.status = 204;
    response.headers.emplace_back("Allow", methods);
    response.headers.emplace_back("Access-Control-Max-Age", "600");
    co_return response;
  };
}

/// Of each path that is for pages, "GET, HEAD, OPTIONS" and the like.
std::map<std::string, std::string> methods_by_path(const std::vector<HttpRoute>& routes) {
  std::map<std::string, std::string> methods;
  for (const HttpRoute& route : routes)
    if (route.for_pages) methods.try_emplace(route.path);
  for (const HttpRoute& route : routes) {
    const auto path = methods.find(route.path);
    if (path != methods.end())
      path->second += route.method == "GET" ? "GET, HEAD, " : route.method + ", ";
  }
  for (auto& [path, list] : methods) list += "OPTIONS";
  return methods;
}

}  // namespace

std::vector<HttpRoute> with_cors(std::vector<HttpRoute> routes, const AllowedOrigins& origins) {
  const auto methods = methods_by_path(routes);
  for (const auto& [path, list] : methods)
    routes.push_back({"OPTIONS", path, preflight(list), true});
  for (HttpRoute& route : routes) {
    if (route.for_pages)
      route.handler = sharing(std::move(route.handler), methods.at(route.path), origins);
  }
  return routes;
}

}  // namespace app
