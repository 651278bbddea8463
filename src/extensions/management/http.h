#pragma once
// POST / with Content-Type application/nostr+json+rpc: NIP-86 over HTTP, signed by an operator (NIP-98).
#include <functional>
#include <vector>

#include "base/log.h"
#include "extensions/management/desk.h"
#include "relay/extension/http_api.h"
#include "relay/extension/http_auth.h"

namespace extensions::management {

/// Who may call now, and how long lists may become.
struct Rules {
  std::vector<nostr::PublicKey> admins;  ///< sorted
  Bounds bounds;
};

/// What is lent outlives the route. Each call is logged by method and result, never by whom or about whom.
[[nodiscard]] relay::HttpRoute management_route(std::function<Rules()> rules, relay::HttpAuth& auth,
                                                Desk& desk, const base::Log& log);

}  // namespace extensions::management
