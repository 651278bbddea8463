#include "nostr/varint.h"

#include <array>
#include <limits>

namespace nostr {
namespace {

constexpr std::size_t most_digits = 10;  // of 64 bits

}  // namespace

void append_varint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  std::array<std::uint8_t, most_digits> digits;
  std::size_t first = digits.size() - 1;
  digits[first] = static_cast<std::uint8_t>(value & 127);
  while (value >>= 7) digits[--first] = static_cast<std::uint8_t>(value & 127) | 128;
  out.insert(out.end(), digits.begin() + static_cast<std::ptrdiff_t>(first), digits.end());
}

std::optional<std::uint64_t> take_varint(std::span<const std::uint8_t>& bytes) {
  if (!bytes.empty() && bytes.front() == 128) return std::nullopt;
  std::uint64_t value = 0;
  while (!bytes.empty()) {
    const std::uint8_t digit = bytes.front();
    bytes = bytes.subspan(1);
    if (value > std::numeric_limits<std::uint64_t>::max() >> 7) return std::nullopt;
    value = value << 7 | (digit & 127);
    if (digit < 128) return value;
  }
  return std::nullopt;
}

}  // namespace nostr
