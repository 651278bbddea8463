#pragma once
#include <string>
#include <vector>

#include "base/settings.h"

namespace extensions::rate_limiter {

/// `[extensions.rate_limiter]`, as written.
struct Config {
  std::vector<std::string> rules{};  ///< of parse_rule()
  std::vector<std::string> exempt_addresses{};
  std::vector<std::string> exempt_pubkeys{};  ///< hex or npub
};

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

}  // namespace extensions::rate_limiter
