#pragma once
// Who makes a REST call, and whether it is one too many.
#include <expected>
#include <memory>

#include "extensions/mls_gateway/rest.h"

namespace extensions::mls_gateway {

/// Somebody by a signed request (NIP-98), or the operator by a service token: it acts for itself, never as a viewer.
struct Caller {
  std::unique_ptr<relay::HttpVisit> visit;  ///< null: the operator

  [[nodiscard]] bool is_operator() const { return !visit; }
};

/// The error is the answer: 401, 403, 429 or 503. `request` outlives the call.
[[nodiscard]] boost::asio::awaitable<std::expected<Caller, relay::HttpResponse>> identify(
    const RestParts& parts, const relay::HttpRequest& request);

/// For a call that answers about the caller's own things. 403: a service token is nobody.
[[nodiscard]] relay::HttpResponse needs_viewer();

/// 429, with the seconds to wait.
[[nodiscard]] relay::HttpResponse too_many_calls(base::UnixSeconds wait_s);

}  // namespace extensions::mls_gateway
