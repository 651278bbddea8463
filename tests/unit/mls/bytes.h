#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "mls/encoding.h"

namespace mls {

inline std::vector<std::uint8_t> from_hex(std::string_view hex) {
  return decode_content(hex, "hex").value();
}

/// The MLSMessage around a bare key package: version mls10, wire format mls_key_package.
inline std::vector<std::uint8_t> wrapped(const std::vector<std::uint8_t>& package) {
  std::vector<std::uint8_t> message{0, 1, 0, 5};
  message.insert(message.end(), package.begin(), package.end());
  return message;
}

}  // namespace mls
