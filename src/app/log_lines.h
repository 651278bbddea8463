#pragma once
// How a line of the log looks. Thread-safe as spdlog's sinks make it: one line at a time.
#include <spdlog/formatter.h>

#include <memory>

namespace app {

/// One JSON object a line: timestamp (RFC 3339, UTC), level, target, message, fields.
[[nodiscard]] std::unique_ptr<spdlog::formatter> json_lines();
/// For people: time (UTC), level and component in columns, the message, then name=value. What a terminal could take for a
/// command is written as an escape.
[[nodiscard]] std::unique_ptr<spdlog::formatter> text_lines();

}  // namespace app
