#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "relay/extension/http_api.h"
#include "relay/store_health.h"

namespace app {

/// GET /livez: 200 while the process answers. GET /readyz: 200, or 503 while no new clients should be sent here: the relay
/// drains, or its store takes no writes. Neither writes anything. `status` says which check failed, `message` what to do.
[[nodiscard]] std::vector<relay::HttpRoute> probe_routes(
    std::shared_ptr<const std::atomic<bool>> draining,
    std::shared_ptr<const relay::StoreHealth> store);

}  // namespace app
