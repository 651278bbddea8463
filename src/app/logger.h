#pragma once
#include "base/log.h"
#include "config/config.h"

namespace app {

/// A logger to stderr: one line of text for people, or one JSON object per line (timestamp, level, target, message).
[[nodiscard]] base::Log make_log(const config::Log& config);

}  // namespace app
