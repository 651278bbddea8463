#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nostr {

/// Unsigned integers as base-128 digits, the most significant first, all but the last with bit 7 set: as few as will do.
void append_varint(std::vector<std::uint8_t>& out, std::uint64_t value);

/// Takes one from the front of `bytes`; nullopt, and `bytes` unspecified, where none ends within them, for one beyond 64
/// bits and for one with more digits than it needs.
[[nodiscard]] std::optional<std::uint64_t> take_varint(std::span<const std::uint8_t>& bytes);

}  // namespace nostr
