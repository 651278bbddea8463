#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/settings.h"
#include "base/published.h"
#include "nostr/nip11.h"
#include "relay/admission.h"
#include "relay/extension/http_api.h"

namespace app {

/// What "/" says of the relay.
struct FrontPage {
  std::string information;           ///< NIP-11
  nostr::RelayInfo info;             ///< the same as values, for the page for people
  std::string url;                   ///< what clients connect to, if configured
  bool tls = false;                  ///< the relay itself speaks TLS
  std::vector<std::string> origins;  ///< whose web pages may read it
};

[[nodiscard]] FrontPage front_page(const Settings& settings, const relay::Extensions& extensions);

/// The relay's own HTTP: "/" (a page for people, NIP-11 for clients that ask for it, text for others) and "/health". They answer with what
/// `page` holds at the time.
[[nodiscard]] std::vector<relay::HttpRoute> core_routes(
    const std::shared_ptr<const base::Published<FrontPage>>& page);

}  // namespace app
