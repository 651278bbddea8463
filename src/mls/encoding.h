#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mls {

/// Longer texts are refused unread; a key package takes well under 2 kB.
inline constexpr std::size_t max_encoded_bytes = 512 * 1024;

/// Decodes an event's content by its `encoding` tag: "hex" (either case), "base64" (standard
/// alphabet, padding and zero trailing bits required), or "" to detect: hex when every character
/// is, else base64. nullopt for anything else.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_content(std::string_view text,
                                                                      std::string_view encoding);

}  // namespace mls
