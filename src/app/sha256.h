#pragma once
#include <string_view>

#include "base/bytes.h"

namespace app {

/// SHA-256 (FIPS 180-4). Throws only when OpenSSL offers no SHA-256.
[[nodiscard]] base::Bytes32 sha256(std::string_view bytes);

}  // namespace app
