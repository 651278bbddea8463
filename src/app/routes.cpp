#include "app/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/capabilities.h"
#include "app/landing_page.h"
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

nostr::RelayInfo information(const Settings& settings, const relay::Extensions& extensions) {
  const config::Config& config = settings.core;
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
      .retention = config::rules_of(config.retention).to_json(),
      .software = said.software,
      .more = capabilities(settings.gateway)};
  for (const std::string& text : said.fees)
    if (auto fee = nostr::parse_fee(text)) info.fees.push_back(*std::move(fee));
  for (const auto& extension : extensions) {
    info.restricted_writes |= extension->restricts_writes();
    const auto nips = extension->nips();
    info.supported_nips.insert(info.supported_nips.end(), nips.begin(), nips.end());
  }
  return info;
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

/// The configured address, else the one that was asked for: by TLS where the relay or a proxy speaks it.
std::string url_of(const FrontPage& page, const HttpRequest& request) {
  if (!page.url.empty()) return page.url;
  return websocket_url(request.header("host"),
                       page.tls || request.header("x-forwarded-proto") == "https");
}

HttpResponse for_people(const FrontPage& page, const HttpRequest& request) {
  HttpResponse response{.content_type = "text/html; charset=utf-8",
                        .body = landing_page(page.info, url_of(page, request))};
  response.headers = {{"Content-Security-Policy", landing_policy(page.info)},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-cache"}};
  return response;
}

relay::HttpHandler serve(std::shared_ptr<const base::Published<FrontPage>> published) {
  return [published](HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    const auto page = published->get();
    HttpResponse response;
    if (request.header("accept").contains("application/nostr+json")) {
      response.content_type = "application/nostr+json";
      response.body = page->information;
    } else if (request.header("accept").contains("text/html")) {
      response = for_people(*page, request);
    } else {
      response.content_type = "text/plain; charset=utf-8";
      response.body = "mls-gateway " GATEWAY_VERSION
                      ": a Nostr relay. Connect to this address with a Nostr client (WebSocket), "
                      "or ask for it with\n"
                      "\"Accept: application/nostr+json\" to read what it supports.\n";
    }
    response.headers.emplace_back("Vary", "Accept");
    co_return response;
  };
}

}  // namespace

FrontPage front_page(const Settings& settings, const relay::Extensions& extensions) {
  const config::Config& config = settings.core;
  const auto& urls = config.auth.relay_urls;
  const auto info = information(settings, extensions);
  return {.information = nostr::information_document(info),
          .info = info,
          .url = urls.empty() ? "" : urls.front(),
          .tls = !config.network.tls_cert.empty(),
          .origins = config.server.allowed_origins};
}

std::vector<relay::HttpRoute> core_routes(
    const std::shared_ptr<const base::Published<FrontPage>>& page) {
  return {{"GET", "/health", health()}, {"GET", "/", serve(page), true}};
}

}  // namespace app
