#include "app/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "nostr/nip11.h"

namespace app {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

std::string information(const config::Config& config, const relay::Extensions& extensions) {
  nostr::RelayInfo info{
      .name = config.info.name,
      .description = config.info.description,
      .pubkey = config.info.pubkey,
      .contact = config.info.contact,
      .icon = config.info.icon,
      .version = GATEWAY_VERSION,
      .supported_nips = {1, 9, 11, 40, 62, 77},
      .auth_required = config.auth.enabled && config.auth.required,
      .restricted_writes = config.auth.enabled && !config.auth.pubkey_whitelist.empty(),
      .limits = config.limits};
  if (config.auth.enabled) info.supported_nips.push_back(70);
  if (config.count.enabled) info.supported_nips.push_back(45);
  for (const auto& extension : extensions) {
    info.restricted_writes |= extension->restricts_writes();
    const auto nips = extension->nips();
    info.supported_nips.insert(info.supported_nips.end(), nips.begin(), nips.end());
  }
  return nostr::information_document(info);
}

/// Which pages may read the answer: all, or the asking one when it is on the list (CORS).
void allow_origin(const std::vector<std::string>& allowed, const HttpRequest& request,
                  HttpResponse& response) {
  const std::string origin(request.header("origin"));
  const bool all = std::ranges::find(allowed, "*") != allowed.end();
  if (!all && std::ranges::find(allowed, origin) == allowed.end()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", all ? "*" : origin);
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "Accept, Authorization, Content-Type");
  response.headers.emplace_back("Access-Control-Allow-Methods",
                                "GET, HEAD, POST, PUT, DELETE, OPTIONS");
  if (!all) response.headers.emplace_back("Vary", "Origin");
}

relay::HttpHandler health() {
  const auto started = std::chrono::steady_clock::now();
  return [started](HttpRequest) -> boost::asio::awaitable<HttpResponse> {
    using namespace std::chrono;
    const auto uptime = duration_cast<seconds>(steady_clock::now() - started).count();
    HttpResponse response;
    response.body = fmt::format(R"({{"status":"healthy","version":"{}","uptime_seconds":{}}})",
                                GATEWAY_VERSION, uptime);
    co_return response;
  };
}

relay::HttpHandler serve(std::shared_ptr<const base::Published<FrontPage>> published) {
  return [published](HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    const auto page = published->get();
    HttpResponse response;
    if (request.header("accept").contains("application/nostr+json")) {
      response.content_type = "application/nostr+json";
      response.body = page->information;
    } else {
      response.content_type = "text/plain; charset=utf-8";
      response.body = "mls-gateway " GATEWAY_VERSION
                      ": a Nostr relay. Connect to this address with a Nostr client (WebSocket), "
                      "or ask for it with\n"
                      "\"Accept: application/nostr+json\" to read what it supports.\n";
    }
    allow_origin(page->origins, request, response);
    co_return response;
  };
}

relay::HttpHandler preflight(std::shared_ptr<const base::Published<FrontPage>> published) {
  return [published](HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    HttpResponse response;
    response.status = 204;
    allow_origin(published->get()->origins, request, response);
    co_return response;
  };
}

}  // namespace

FrontPage front_page(const config::Config& config, const relay::Extensions& extensions) {
  return {information(config, extensions), config.server.allowed_origins};
}

std::vector<relay::HttpRoute> core_routes(
    const std::shared_ptr<const base::Published<FrontPage>>& page) {
  return {
      {"GET", "/health", health()}, {"GET", "/", serve(page)}, {"OPTIONS", "/", preflight(page)}};
}

}  // namespace app
