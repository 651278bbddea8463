#pragma once
// Is it UTF-8 (RFC 3629)? Pure.
#include <cstddef>
#include <optional>
#include <string_view>

namespace net {

[[nodiscard]] bool is_utf8(std::string_view text);

/// For text that is not all there yet: how many bytes at its front are whole characters, where the
/// rest, 3 bytes at most, begins another one. nullopt: whatever follows, it is not UTF-8.
[[nodiscard]] std::optional<std::size_t> whole_characters(std::string_view text);

}  // namespace net
