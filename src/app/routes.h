#pragma once
#include <vector>

#include "app/settings.h"
#include "relay/admission.h"
#include "relay/extension/http_api.h"

namespace app {

/// GET /health (the specification's JSON) and GET / (the NIP-11 document, or a line for people).
[[nodiscard]] std::vector<relay::HttpRoute> core_routes(const config::Config& config,
                                                        const relay::Extensions& extensions);

}  // namespace app
