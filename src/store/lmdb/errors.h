#pragma once
#include <filesystem>

#include "store/store_error.h"

namespace store::lmdb {

/// `rc`: LMDB's or the system's code. Nothing was written when it came up.
[[nodiscard]] StoreError error_of(int rc, const std::filesystem::path& folder);
/// A commit failed with `rc`, on which side of the point of no return nobody can tell.
[[nodiscard]] StoreError unknown_outcome(int rc, const std::filesystem::path& folder);

}  // namespace store::lmdb
