#pragma once
#include <string>

#include "nostr/filter.h"

namespace nostr {

/// The filter as JSON: read back, it is the same one.
[[nodiscard]] std::string filter_json(const Filter& filter);

}  // namespace nostr
