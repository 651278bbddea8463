#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "config/config.h"
#include "extensions/access/config.h"
#include "extensions/management/config.h"
#include "extensions/metrics/config.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/rate_limiter/config.h"
#include "extensions/search/config.h"
#include "extensions/write_policy/config.h"

namespace app {

/// Everything an operator can set: the core's keys and the extensions'.
struct Settings {
  config::Config core;
  extensions::mls_gateway::Config gateway;
  extensions::rate_limiter::Config rate_limiter;
  extensions::access::Config access;
  extensions::write_policy::Config write_policy;
  extensions::search::Config search;
  extensions::metrics::Config metrics;
  extensions::management::Config management;
};

/// Declares all keys with `settings` as their target.
[[nodiscard]] base::Settings declare(Settings& settings);

using Lines = std::vector<std::string>;

/// Reads file and environment into `settings`, which are as they were made. Warnings, or everything that is wrong: lines for
/// the operator.
[[nodiscard]] std::expected<Lines, Lines> read(Settings& settings, const std::string& config_path);

/// The same, with the lines on stderr. False: not fit to start with.
[[nodiscard]] bool load(Settings& settings, const std::string& config_path);

/// Names of settings, like "limits.max_limit".
struct Changes {
  Lines live;       ///< a running relay can take them over
  Lines held_back;  ///< need a restart
};

/// What `next` changes of `running`. What needs a restart is put back in `next` as it is running.
[[nodiscard]] Changes hold_back(Settings& next, const Settings& running);

}  // namespace app
