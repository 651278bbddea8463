#pragma once
#include <optional>
#include <string>

#include "base/settings.h"
#include "config/config.h"
#include "extensions/mls_gateway/config.h"

namespace app {

/// Everything an operator can set: the core's keys and the extensions'.
struct Settings {
  config::Config core;
  extensions::mls_gateway::Config gateway;
};

/// Declares all keys with `settings` as their target.
[[nodiscard]] base::Settings declare(Settings& settings);

/// Loads file and environment into `settings`; prints warnings and errors to stderr. False: not fit to start with.
[[nodiscard]] bool load(Settings& settings, const std::string& config_path);

}  // namespace app
