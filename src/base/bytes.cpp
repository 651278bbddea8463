#include "base/bytes.h"

namespace base {
namespace {

// -1 for everything that is not 0-9 or a-f.
constexpr auto hex_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 10; ++i) table['0' + i] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) table['a' + i] = static_cast<std::int8_t>(10 + i);
  return table;
}();

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  return hex;
}

bool decode_hex(std::string_view hex, std::span<std::uint8_t> out) noexcept {
  if (hex.size() != out.size() * 2) return false;
  int bad = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_values[static_cast<std::uint8_t>(hex[2 * i])];
    const int low = hex_values[static_cast<std::uint8_t>(hex[2 * i + 1])];
    bad |= high | low;
    out[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
  }
  return bad >= 0;
}

}  // namespace base
