#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// Standard alphabet with padding (RFC 4648 §4), without line breaks; nullopt for anything else, also for bits that no
/// encoder leaves.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

/// Standard alphabet with padding, on one line.
[[nodiscard]] std::string encode_base64(std::span<const std::uint8_t> bytes);

}  // namespace base
