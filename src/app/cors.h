#pragma once
#include <functional>
#include <string>
#include <vector>

#include "relay/extension/http_api.h"

namespace app {

/// `server.allowed_origins` as it is at the time.
using AllowedOrigins = std::function<std::vector<std::string>()>;

/// The same routes, whose answers web pages of allowed origins may read where a route is for them (CORS); beside each of those
/// OPTIONS, which names the methods of its path.
[[nodiscard]] std::vector<relay::HttpRoute> with_cors(std::vector<relay::HttpRoute> routes,
                                                      const AllowedOrigins& origins);

}  // namespace app
