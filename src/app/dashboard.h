#pragma once
#include <vector>

#include "relay/extension/http_api.h"

namespace app {

/// The operator dashboard: GET /dashboard and the files it is made of. They hold no figures: the page reads GET /metrics
/// of its own origin with the token that the operator types in, so these routes belong wherever /metrics is served.
/// Without web/dist in the binary /dashboard answers 503 and says what to run.
[[nodiscard]] std::vector<relay::HttpRoute> dashboard_routes();

}  // namespace app
