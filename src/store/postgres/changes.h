#pragma once
#include <string_view>
#include <vector>

#include "store/fetched/facts.h"
#include "store/postgres/connection.h"

namespace store::postgres {

/// The calls that carry a commit's changes out: what goes first, then what comes. `sha256` hashes tags.
[[nodiscard]] std::vector<Call> calls_of(const fetched::Changes& changes, Sha256& sha256);

}  // namespace store::postgres
