#pragma once
// Fixed-size byte strings and lowercase hex: the vocabulary for ids, keys and signatures.
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace base {

/// N raw bytes, compared bytewise. A plain value: copying is cheap, nothing is secret.
template <std::size_t N>
struct FixedBytes {
  std::array<std::uint8_t, N> bytes{};

  friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), N};
  }
};

using Bytes32 = FixedBytes<32>;
using Bytes64 = FixedBytes<64>;

/// Lowercase hex of any bytes: two characters a byte.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

/// Writes out.size() bytes from exactly 2 * out.size() LOWERCASE hex characters; false (and `out`
/// unspecified) for anything else. Nostr allows no upper case (NIP-01).
[[nodiscard]] bool decode_hex(std::string_view hex, std::span<std::uint8_t> out) noexcept;

template <std::size_t N>
[[nodiscard]] std::string to_hex(const FixedBytes<N>& value) {
  return to_hex(std::span<const std::uint8_t>(value.bytes));
}

/// How many zero bits it begins with; all of them when there is no other.
[[nodiscard]] constexpr unsigned leading_zero_bits(std::span<const std::uint8_t> bytes) {
  unsigned zeros = 0;
  for (const std::uint8_t byte : bytes) {
    zeros += static_cast<unsigned>(std::countl_zero(byte));
    if (byte != 0) break;
  }
  return zeros;
}

/// nullopt unless `hex` is exactly 2 * N lowercase hex characters.
template <typename Fixed>
[[nodiscard]] std::optional<Fixed> from_hex(std::string_view hex) noexcept {
  Fixed value;
  if (!decode_hex(hex, value.bytes)) return std::nullopt;
  return value;
}

}  // namespace base

/// Ids and keys are hashes or curve points chosen by others, but grinding 64 bits of them to collide in one
/// bucket costs an attacker more than it gains: the first eight bytes serve as the hash.
template <std::size_t N>
struct std::hash<base::FixedBytes<N>> {
  std::size_t operator()(const base::FixedBytes<N>& value) const noexcept {
    std::uint64_t head;
    std::memcpy(&head, value.bytes.data(), sizeof head);
    return head;
  }
};
