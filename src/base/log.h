#pragma once
// Logging: spdlog behind one name. A logger is handed to whoever logs; there is no global one.
// Never log content, keys, group ids or tokens at info or above.
#include <spdlog/logger.h>

#include <memory>

namespace base {

using Log = std::shared_ptr<spdlog::logger>;

}  // namespace base
