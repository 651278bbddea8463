#include "extensions/management/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace extensions::management {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

constexpr std::string_view content_type = "application/nostr+json+rpc";

/// The media type without parameters, which is compared without case (RFC 9110 §8.3.1).
bool is_call(std::string_view header) {
  header = header.substr(0, header.find(';'));
  while (header.ends_with(' ') || header.ends_with('\t')) header.remove_suffix(1);
  return std::ranges::equal(header, content_type, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
  });
}

/// Why this request is none of an operator's; nullopt: it is.
std::optional<HttpResponse> refusal_of(const HttpRequest& request, const Rules& rules,
                                       relay::HttpAuth& auth) {
  if (!is_call(request.header("content-type")))
    return relay::http_error(415, "unsupported_media_type",
                             "what is posted here is a call of NIP-86: Content-Type: "
                             "application/nostr+json+rpc");
  if (rules.admins.empty())
    return relay::http_error(404, "not_enabled",
                             "nobody may manage this relay over HTTP: its operator has to name a "
                             "key in [management] admin_keys");
  const auto event = auth.verify(request);
  if (!event) return event.error();
  // Used only then: strangers must not take the places of operators.
  if (std::ranges::binary_search(rules.admins, event->pubkey)) return auth.use(*event);
  return relay::http_error(403, "forbidden",
                           "this key may not manage this relay; sign with one of [management] "
                           "admin_keys");
}

HttpResponse response_to(const Answer& answer) {
  if (!answer)
    return relay::http_error(answer.error().status, answer.error().code, answer.error().text);
  HttpResponse response;
  response.body = fmt::format(R"({{"result":{}}})", *answer);
  return response;
}

boost::asio::awaitable<HttpResponse> respond(HttpRequest request, Rules rules,
                                             relay::HttpAuth& auth, Desk& desk, base::Log log) {
  if (auto refusal = refusal_of(request, rules, auth)) {
    log->debug("management: a call was refused ({})", refusal->status);  // anyone can cause it
    co_return *std::move(refusal);
  }
  auto call = parse_call(request.body);
  if (!call) {
    log->info("management: a call was refused (400)");
    co_return relay::http_error(400, "bad_request", call.error());
  }
  const std::string_view method = known_name(call->method);
  const Answer answer = co_await desk.answer(*std::move(call), rules.bounds);
  log->info("management: {}: {}", method, answer ? "done" : answer.error().code);
  co_return response_to(answer);
}

}  // namespace

relay::HttpRoute management_route(std::function<Rules()> rules, relay::HttpAuth& auth, Desk& desk,
                                  const base::Log& log) {
  auto handler = [rules = std::move(rules), &auth, &desk, log](HttpRequest request) {
    return respond(std::move(request), rules(), auth, desk, log);
  };
  return {.method = "POST", .path = "/", .handler = std::move(handler), .for_pages = true};
}

}  // namespace extensions::management
