#pragma once
#include <vector>

#include "nostr/filter.h"
#include "store/lmdb/keys.h"

namespace store::lmdb {

/// Which parts of which index hold every event that `filter` can match.
struct Plan {
  Index index = Index::time;
  std::vector<Key> prefixes;  ///< different from each other
};

/// Chooses the index that promises the fewest entries. Ids are not asked of an index: see
/// query.cpp.
[[nodiscard]] Plan choose_plan(const nostr::Filter& filter, Sha256& sha256);

}  // namespace store::lmdb
