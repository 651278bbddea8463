#pragma once
#include <cstdint>
#include <vector>

#include "base/settings.h"
#include "nostr/kinds.h"

namespace extensions::search {

/// `[extensions.search]`
struct Config {
  bool enabled = false;
  std::vector<std::int64_t> kinds = {0, 1, 30023};
  std::int64_t candidates = 2000;  ///< events that one search looks at

  /// Are events of this kind found? What is gated or encrypted is not, whatever `kinds` says.
  [[nodiscard]] bool finds(nostr::Kind kind) const;
};

/// Kinds that are never searched: gated by the gateway, encrypted, or both.
[[nodiscard]] bool is_private(nostr::Kind kind);

/// `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

}  // namespace extensions::search
