#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/published.h"
#include "config/config.h"
#include "relay/admission.h"
#include "relay/extension/http_api.h"

namespace app {

/// What "/" says of the relay.
struct FrontPage {
  std::string information;           ///< NIP-11
  std::vector<std::string> origins;  ///< whose web pages may read it
};

[[nodiscard]] FrontPage front_page(const config::Config& config,
                                   const relay::Extensions& extensions);

/// The relay's own HTTP: "/" (text for people, NIP-11 for clients that ask for it) and "/health". They answer with what
/// `page` holds at the time.
[[nodiscard]] std::vector<relay::HttpRoute> core_routes(
    const std::shared_ptr<const base::Published<FrontPage>>& page);

/// Lets the same pages read what is answered by those of `routes` that stand at "/".
[[nodiscard]] std::vector<relay::HttpRoute> beside_front_page(
    const std::shared_ptr<const base::Published<FrontPage>>& page,
    std::vector<relay::HttpRoute> routes);

}  // namespace app
