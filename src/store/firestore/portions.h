#pragma once
// Many writes, in commits that Firestore takes. Pure.
#include <cstddef>
#include <span>

#include "store/store.h"

namespace store::firestore {

/// How many of the first writes go into one commit: `max_events` at most, and what fits into a request of 10 MiB, index
/// entries included, and whole into the document of the commit. One at least.
[[nodiscard]] std::size_t portion_of(std::span<const Write> writes, std::size_t max_events);

/// What came of the next portion goes behind what came of those before. REQUIRES: both have a batch.
void join(AppendResult& whole, AppendResult next);

}  // namespace store::firestore
