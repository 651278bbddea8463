#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "nostr/event.h"

namespace nostr {

/// The public keys that a connection has proved with NIP-42, in the order it proved them; it acts as all of them.
/// Empty = anonymous. Immutable once shared: proving another key makes a new Viewer.
struct Viewer {
  std::vector<PublicKey> keys;

  [[nodiscard]] bool anonymous() const { return keys.empty(); }
  [[nodiscard]] bool proves(const PublicKey& key) const {
    return std::ranges::find(keys, key) != keys.end();
  }
};

using ViewerPtr = std::shared_ptr<const Viewer>;

}  // namespace nostr
