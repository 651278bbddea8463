#pragma once
#include <string_view>

#include "store/store_error.h"

namespace store::fetched {

/// `what` a database holds makes no sense.
[[nodiscard]] StoreError damaged(std::string_view what);

}  // namespace store::fetched
