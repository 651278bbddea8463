#pragma once
// Reads a filter object (NIP-01). Private to src/nostr.
#include <cstddef>

#include "nostr/filter.h"
#include "nostr/json_reader.h"

namespace nostr {

/// A key that is neither NIP-01's nor "#" and one letter is refused as unsupported: to ignore it
/// would answer a question that nobody asked.
[[nodiscard]] json::Result<Filter> read_filter(json::ondemand::object object,
                                               std::size_t max_values);

}  // namespace nostr
