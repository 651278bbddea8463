#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "relay/extension/http_api.h"

namespace app {

/// GET /livez: 200 while the process answers. GET /readyz: 200, or 503 once `draining`, so that no new clients are sent here.
[[nodiscard]] std::vector<relay::HttpRoute> probe_routes(
    std::shared_ptr<const std::atomic<bool>> draining);

}  // namespace app
