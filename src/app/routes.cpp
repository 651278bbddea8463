#include "app/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "nostr/nip11.h"

namespace app {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

/// The NIPs of the core that are on; extensions name their own.
std::vector<int> core_nips(const config::Config& config) {
  std::vector<int> nips = {1, 9, 11, 40, 62, 77};
  if (config.count.enabled) nips.push_back(45);
  if (config.limits.min_pow_difficulty > 0) nips.push_back(13);
  if (config.server.eose_hints) nips.push_back(67);
  if (config.auth.enabled) nips.push_back(70);
  return nips;
}

std::string information(const config::Config& config, const relay::Extensions& extensions) {
  const config::Info& said = config.info;
  nostr::RelayInfo info{
      .name = said.name,
      .description = said.description,
      .pubkey = said.pubkey,
      .contact = said.contact,
      .icon = said.icon,
      .version = GATEWAY_VERSION,
      .supported_nips = core_nips(config),
      .auth_required = config.auth.enabled && config.auth.required,
      .restricted_writes = (config.auth.enabled && !config.auth.pubkey_whitelist.empty()) ||
                           config.limits.min_pow_difficulty > 0,
      .limits = config.limits,
      .banner = said.banner,
      .self = said.self,
      .terms_of_service = said.terms_of_service,
      .privacy_policy = said.privacy_policy,
      .posting_policy = said.posting_policy,
      .payments_url = said.payments_url,
      .relay_countries = said.relay_countries,
      .language_tags = said.language_tags,
      .tags = said.tags,
      .retention = config::rules_of(config.retention).to_json()};
  for (const std::string& text : said.fees)
    if (auto fee = nostr::parse_fee(text)) info.fees.push_back(*std::move(fee));
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

std::vector<relay::HttpRoute> beside_front_page(
    const std::shared_ptr<const base::Published<FrontPage>>& page,
    std::vector<relay::HttpRoute> routes) {
  for (relay::HttpRoute& route : routes) {
    if (route.path != "/") continue;
    route.handler = [page, answer = std::move(route.handler)](
                        HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
      HttpResponse response = co_await answer(request);
      allow_origin(page->get()->origins, request, response);
      co_return response;
    };
  }
  return routes;
}

}  // namespace app
