#pragma once
#include <cstdint>
#include <expected>
#include <filesystem>

#include "store/store_error.h"

namespace store {

struct Compacted {
  std::uintmax_t bytes_before = 0, bytes_after = 0;
};

/// Puts a copy without free pages in the place of an LMDB store that nobody uses: in one step, so that
/// whatever ends the process there is one store or the other. Needs room for both.
[[nodiscard]] std::expected<Compacted, StoreError> compact_lmdb(
    const std::filesystem::path& folder);

}  // namespace store
