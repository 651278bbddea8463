#pragma once
#include <vector>

#include "nostr/filter.h"
#include "store/keys.h"

namespace store {

/// Which parts of which index hold every event that `filter` can match.
struct Plan {
  Index index = Index::time;
  std::vector<Key> prefixes;  ///< different from each other
};

/// Chooses the index that promises the fewest entries. Ids are not asked of an index: see
/// the store.
[[nodiscard]] Plan choose_plan(const nostr::Filter& filter, Sha256& sha256);

}  // namespace store
