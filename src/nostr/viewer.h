#pragma once
#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <memory>

#include "nostr/event.h"

namespace nostr {

/// The public keys that a connection has proved with NIP-42, in the order it proved them; it acts as all of them.
/// Empty = anonymous. Immutable once shared: proving another key makes a new Viewer.
struct Viewer {
  /// Nearly everyone proves one: it lies in the viewer itself, where a delivery finds it without another look at memory.
  boost::container::small_vector<PublicKey, 1> keys;

  [[nodiscard]] bool anonymous() const { return keys.empty(); }
  [[nodiscard]] bool proves(const PublicKey& key) const {
    return std::ranges::find(keys, key) != keys.end();
  }
};

using ViewerPtr = std::shared_ptr<const Viewer>;

}  // namespace nostr
