#include "relay/extension/http_auth.h"

#include "base/base64.h"
#include "nostr/nip98.h"

namespace relay {
namespace {

HttpResponse unauthorized(std::string_view text) {
  auto response = http_error(401, "unauthorized", text);
  response.headers.emplace_back("WWW-Authenticate", "Nostr");
  return response;
}

HttpResponse busy() {
  auto response = http_error(503, "busy", "too many signed requests; try again in a minute");
  response.headers.emplace_back("Retry-After", "60");
  return response;
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
                                      base::UnixSeconds until) {
  const std::lock_guard lock(mutex_);
  if (now >= next_sweep_) {
    std::erase_if(until_, [&](const auto& used) { return used.second < now; });
    next_sweep_ = now + 1;
  }
  if (until_.contains(id)) return Use::again;
  if (until_.size() >= max_ids) return Use::full;
  until_.emplace(id, until);
  return Use::first;
}

HttpAuth::HttpAuth(const base::Limits& limits, base::Clock clock,
                   std::shared_ptr<UsedHttpAuths> used)
    : clock_(std::move(clock)), parser_(limits), used_(std::move(used)) {}

std::expected<nostr::Event, std::string> HttpAuth::signed_event(const HttpRequest& request) {
  const auto given = credentials(request.header("authorization"));
  if (given.empty())
    return std::unexpected(
        "sign this request: Authorization: Nostr <base64 of a kind 27235 event> (NIP-98)");
  const auto json = base::decode_base64(given);
  if (!json) return std::unexpected("the Authorization header is not base64");
  auto event = parser_.parse_event({reinterpret_cast<const char*>(json->data()), json->size()});
  if (!event) return std::unexpected("the Authorization header holds no event: " + event.error());
  if (!verifier_.verify(*event)) return std::unexpected("the event's id or signature is not valid");
  return std::move(*event);
}

std::expected<nostr::PublicKey, HttpResponse> HttpAuth::authenticate(const HttpRequest& request) {
  const auto event = signed_event(request);
  if (!event) return std::unexpected(unauthorized(event.error()));
  const base::UnixSeconds now = clock_();
  const nostr::HttpCall call{request.method, request.path, request.query, request.body};
  if (const auto fits = nostr::check_http_auth(*event, call, now, urls_); !fits)
    return std::unexpected(unauthorized(fits.error()));
  switch (used_->use(event->id, now, event->created_at + nostr::http_auth_max_age_s)) {
    case UsedHttpAuths::Use::first:
      return event->pubkey;
    case UsedHttpAuths::Use::again:
      return std::unexpected(unauthorized("this event was used already; sign a new one"));
    case UsedHttpAuths::Use::full:
      break;
  }
  return std::unexpected(busy());
}

}  // namespace relay
