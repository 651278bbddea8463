#include "relay/extension/http_auth.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "relay/extension/http_refusal.h"

namespace relay {
namespace {

HttpResponse unauthorized(std::string_view text) {
  auto response = http_error(401, "unauthorized", text);
  response.headers.emplace_back("WWW-Authenticate", "Nostr");
  return response;
}

HttpResponse forged() { return unauthorized("the event's id or signature is not valid"); }

HttpResponse busy() {
  return http_error_for_now(503, "busy", "too many signed requests; try again in a minute", 60);
}

HttpResponse too_many(base::UnixSeconds wait_s) {
  return http_error_for_now(
      429, "rate_limited",
      fmt::format("too many signed requests from this address; wait {} seconds", wait_s), wait_s);
}

/// `Nostr <base64>`: the scheme in any case (RFC 9110 §11.1).
std::string_view credentials(std::string_view authorization) {
  constexpr std::string_view scheme = "nostr ";
  if (authorization.size() < scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((authorization[i] | 0x20) != scheme[i]) return {};
  return authorization.substr(scheme.size());
}

}  // namespace

UsedHttpAuths::Use UsedHttpAuths::use(const nostr::EventId& id, base::UnixSeconds now,
                                      base::UnixSeconds until, Key key) {
  const std::lock_guard lock(mutex_);
  if (now >= next_sweep_) {
    std::erase_if(until_, [&](const auto& used) { return used.second < now; });
    next_sweep_ = now + 1;
  }
  if (until_.contains(id)) return Use::again;
  const std::size_t places = key == Key::known ? max_ids + kept_for_known : max_ids;
  if (until_.size() >= places) return Use::full;
  until_.emplace(id, until);
  return Use::first;
}

std::optional<base::UnixSeconds> UsedHttpAuths::charge(const base::IpAddress& peer,
                                                       base::UnixSeconds now) {
  const auto purse = budgets_.purse('s', peer.client().value.view());
  return budgets_.spend(std::array{base::Budgets::Charge{purse, of_address}}, now);
}

HttpAuth::HttpAuth(const base::Limits& limits, base::Clock clock,
                   std::shared_ptr<UsedHttpAuths> used)
    : clock_(std::move(clock)), parser_(limits), used_(std::move(used)) {}

std::expected<nostr::Event, std::string> HttpAuth::given_event(const HttpRequest& request) {
  const auto given = credentials(request.header("authorization"));
  if (given.empty())
    return std::unexpected(
        "sign this request: Authorization: Nostr <base64 of a kind 27235 event> (NIP-98)");
  const auto json = base::decode_base64(given);
  if (!json) return std::unexpected("the Authorization header is not base64");
  auto event = parser_.parse_event({reinterpret_cast<const char*>(json->data()), json->size()});
  if (!event) return std::unexpected("the Authorization header holds no event: " + event.error());
  return std::move(*event);
}

// All that costs little comes before the signature.
std::expected<nostr::Event, HttpResponse> HttpAuth::claimed(const HttpRequest& request) {
  auto event = given_event(request);
  if (!event) return std::unexpected(unauthorized(event.error()));
  const nostr::HttpCall call{request.method, request.path, request.query, request.body};
  if (const auto fits = nostr::check_http_auth(*event, call, clock_(), urls_); !fits)
    return std::unexpected(unauthorized(fits.error()));
  return std::move(*event);
}

std::expected<nostr::Event, HttpResponse> HttpAuth::verify(const HttpRequest& request) {
  auto event = claimed(request);
  if (event && !verifier_.verify(*event)) return std::unexpected(forged());
  return event;
}

std::optional<HttpResponse> HttpAuth::use(const nostr::Event& event, UsedHttpAuths::Key key) {
  const auto until = event.created_at + nostr::http_auth_max_age_s;
  switch (used_->use(event.id, clock_(), until, key)) {
    case UsedHttpAuths::Use::first:
      return std::nullopt;
    case UsedHttpAuths::Use::again:
      return unauthorized("this event was used already; sign a new one");
    case UsedHttpAuths::Use::full:
      break;
  }
  return busy();
}

std::expected<nostr::PublicKey, HttpResponse> HttpAuth::authenticate(const HttpRequest& request) {
  const auto event = claimed(request);
  if (!event) return std::unexpected(event.error());
  if (const auto wait = used_->charge(request.peer, clock_()))
    return std::unexpected(too_many(*wait));
  if (!verifier_.verify(*event)) return std::unexpected(forged());
  if (auto refusal = use(*event, UsedHttpAuths::Key::any))
    return std::unexpected(*std::move(refusal));
  return event->pubkey;
}

}  // namespace relay
