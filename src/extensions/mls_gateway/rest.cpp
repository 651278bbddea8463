#include "extensions/mls_gateway/rest.h"

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "extensions/mls_gateway/acl_invalidation.h"
#include "extensions/mls_gateway/rest_caller.h"
#include "extensions/mls_gateway/rest_groups.h"
#include "extensions/mls_gateway/rest_key_packages.h"
#include "extensions/mls_gateway/rest_members.h"
#include "extensions/mls_gateway/rest_messages.h"
#include "extensions/mls_gateway/rest_openapi.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

constexpr auto deadline = std::chrono::seconds(10);

using Call = RestAnswer (*)(const RestParts&, const HttpRequest&, const Caller&);

struct Entry {
  std::string_view method, path;
  Call call;
};

constexpr std::array<Entry, 9> calls = {{
    {"GET", "/groups", list_groups},
    {"GET", "/groups/{id}", show_group},
    {"GET", "/groups/{id}/members", list_members},
    {"PUT", "/groups/{id}/members/{pubkey}", put_member},
    {"DELETE", "/groups/{id}/members/{pubkey}", delete_member},
    {"GET", "/keypackages", list_key_packages},
    {"POST", "/keypackages/claim", claim_key_package},
    {"GET", "/messages/missed", list_missed},
    {"POST", "/acl/invalidate", invalidate_acl},
}};

RestAnswer answer_caller(const RestParts& parts, const HttpRequest& request, Call call) {
  const auto caller = co_await identify(parts, request);
  if (!caller) co_return caller.error();
  co_return co_await call(parts, request, *caller);
}

/// Cut off at the deadline, whatever it waits for: what was asked of the writer is done all the same.
RestAnswer answer_in_time(RestParts parts, HttpRequest request, Call call) {
  using namespace boost::asio::experimental::awaitable_operators;
  const HttpResponse too_slow =
      relay::http_error_for_now(503, "unavailable", "this took too long; try again", 1);
  const auto guarded = [&]() -> RestAnswer {
    try {
      co_return co_await answer_caller(parts, request, call);
    } catch (const std::exception&) {
      co_return too_slow;
    }
  };
  boost::asio::steady_timer timer(parts.executor, deadline);
  auto first = co_await (guarded() || timer.async_wait(boost::asio::use_awaitable));
  auto* const answer = std::get_if<HttpResponse>(&first);
  co_return answer ? std::move(*answer) : too_slow;
}

/// For all, by address.
RestAnswer show_openapi(RestParts parts, HttpRequest request) {
  const auto wait =
      parts.budgets.charge_call(parts.config->rate_limits, request.peer, parts.visits.now());
  if (wait) co_return too_many_calls(*wait);
  HttpResponse response;
  response.body = openapi_document(parts.config->api_prefix);
  co_return response;
}

}  // namespace

std::vector<relay::HttpRoute> rest_routes(const RestParts& parts) {
  const std::string& prefix = parts.config->api_prefix;
  std::vector<relay::HttpRoute> routes;
  for (const Entry& entry : calls) {
    auto handler = [parts, call = entry.call](HttpRequest request) {
      return answer_in_time(parts, std::move(request), call);
    };
    routes.push_back({.method = std::string(entry.method),
                      .path = prefix + std::string(entry.path),
                      .handler = std::move(handler),
                      .for_pages = true});
  }
  auto handler = [parts](HttpRequest request) { return show_openapi(parts, std::move(request)); };
  routes.push_back({"GET", prefix + "/openapi.json", std::move(handler), true});
  return routes;
}

}  // namespace extensions::mls_gateway
