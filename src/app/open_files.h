#pragma once
#include <cstdint>
#include <string>

namespace app {

/// Raises the number of files this process may have open as far as the system lets it. What to warn of: "" when it holds
/// `max_connections` and what the relay itself needs.
[[nodiscard]] std::string raise_open_files(std::int64_t max_connections);

}  // namespace app
