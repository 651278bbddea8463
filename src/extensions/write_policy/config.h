#pragma once
#include <cstdint>
#include <string>

#include "base/settings.h"

namespace extensions::write_policy {

/// `[extensions.write_policy]`.
struct Config {
  std::string plugin{};            ///< a command of the shell; "" = none
  std::int64_t timeout_ms = 2000;  ///< for an answer, counted from the question
};

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

}  // namespace extensions::write_policy
