#pragma once
// Requests to vanish (NIP-62).
#include <string>
#include <vector>

#include "nostr/event.h"

namespace nostr {

/// What a kind 62 asks of the relay that is reached at `urls`.
enum class VanishTarget {
  none,   ///< it has no `relay` tag: malformed
  other,  ///< other relays only
  us,     ///< one of `urls`, or ALL_RELAYS
};

/// REQUIRES: request.kind == 62.
[[nodiscard]] VanishTarget vanish_target(const Event& request,
                                         const std::vector<std::string>& urls);

}  // namespace nostr
