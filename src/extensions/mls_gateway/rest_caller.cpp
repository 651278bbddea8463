#include "extensions/mls_gateway/rest_caller.h"

#include <fmt/format.h>

#include "relay/extension/bearer.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

relay::HttpResponse wrong_token() {
  auto response =
      relay::http_error(401, "unauthorized", "this is not a service token of this gateway");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

relay::HttpResponse needs_viewer() {
  return relay::http_error(
      403, "needs_viewer",
      "this call answers about whoever makes it, and a service token is nobody; sign it (NIP-98)");
}

relay::HttpResponse too_many_calls(base::UnixSeconds wait_s) {
  return relay::http_error_for_now(429, "rate_limited",
                                   fmt::format("too many calls; wait {} seconds", wait_s), wait_s);
}

boost::asio::awaitable<std::expected<Caller, relay::HttpResponse>> identify(
    const RestParts& parts, const relay::HttpRequest& request) {
  const auto config = parts.config;
  const RateLimits& limits = config->rate_limits;
  const auto token = relay::bearer_token(request);
  // Before any budget: whoever shares the operator's address must not lock it out.
  if (token && relay::is_one_of(config->service_tokens, *token)) co_return Caller{};
  if (const auto wait = parts.budgets.failures(limits, request.peer, parts.visits.now()))
    co_return std::unexpected(too_many_calls(*wait));
  if (token) {
    parts.budgets.charge_failure(limits, request.peer, parts.visits.now());
    co_return std::unexpected(wrong_token());
  }
  const relay::HttpVisits::Charge charge =
      [&](const nostr::PublicKey& key) -> std::optional<relay::HttpResponse> {
    const auto wait = parts.budgets.charge_call(limits, key, parts.visits.now());
    return wait ? std::optional(too_many_calls(*wait)) : std::nullopt;
  };
  auto visit = co_await parts.visits.admit(request, charge);
  if (!visit) {
    if (visit.error().status == 401)
      parts.budgets.charge_failure(limits, request.peer, parts.visits.now());
    co_return std::unexpected(std::move(visit.error()));
  }
  co_return Caller{*std::move(visit)};
}

}  // namespace extensions::mls_gateway
