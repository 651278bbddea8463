#include "app/dashboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/sha256.h"
#include "app/web_files.h"

namespace app {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

constexpr std::string_view page = "index.html";

/// Nothing but its own files, and no request to anywhere else; 'style-src' covers the sheet alone, for what the charts
/// set on elements is not subject to it.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view content_type(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> types = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".woff2", "font/woff2"},
  }};
  for (const auto& [ending, type] : types)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

HttpResponse with_headers(HttpResponse response) {
  response.headers.emplace_back("Content-Security-Policy", policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

/// The names of files change with their content, all but the page's.
std::string_view cache_rule(std::string_view path) {
  return path == page ? "no-cache" : "public, max-age=31536000, immutable";
}

HttpResponse answer(const WebFile& file, const std::string& etag, const HttpRequest& request) {
  HttpResponse response =
      with_headers({.content_type = std::string(content_type(file.path)), .body = {}});
  response.headers.emplace_back("ETag", etag);
  response.headers.emplace_back("Cache-Control", cache_rule(file.path));
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.header("if-none-match").contains(etag)) {
    response.status = 304;
    return response;
  }
  const bool squeezed = !file.gzip.empty() && request.header("accept-encoding").contains("gzip");
  if (squeezed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = squeezed ? file.gzip : file.content;
  return response;
}

relay::HttpHandler serve(const WebFile& file) {
  // Weak: the compressed copy has the same one.
  const auto etag = fmt::format("W/\"{}\"", base::to_hex(sha256(file.content)).substr(0, 32));
  return [file, etag](HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    co_return answer(file, etag, request);
  };
}

boost::asio::awaitable<HttpResponse> not_built(HttpRequest) {
  co_return with_headers(
      {.status = 503,
       .content_type = "text/plain; charset=utf-8",
       .body = "This relay was built without its dashboard. Run script/bootstrap (it needs Node.js "
               "20.19 or newer, with npm), and build the relay again.\n"});
}

boost::asio::awaitable<HttpResponse> without_slash(HttpRequest) {
  HttpResponse response{.status = 308, .body = {}};
  response.headers.emplace_back("Location", "/dashboard");
  co_return with_headers(std::move(response));
}

}  // namespace

std::vector<relay::HttpRoute> dashboard_routes() {
  std::vector<relay::HttpRoute> routes;
  for (const WebFile& file : web_files())
    routes.push_back({"GET",
                      file.path == page ? "/dashboard" : fmt::format("/dashboard/{}", file.path),
                      serve(file)});
  const bool built = std::ranges::count(web_files(), page, &WebFile::path) > 0;
  if (!built) routes.push_back({"GET", "/dashboard", not_built});
  routes.push_back({"GET", "/dashboard/", without_slash});
  return routes;
}

}  // namespace app
