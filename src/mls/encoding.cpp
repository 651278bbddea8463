#include "mls/encoding.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"

namespace mls {
namespace {

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char lower(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::vector<std::uint8_t>> decode_any_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string lowercase(text);
  std::ranges::transform(lowercase, lowercase.begin(), lower);
  std::vector<std::uint8_t> bytes(text.size() / 2);
  if (!base::decode_hex(lowercase, bytes)) return std::nullopt;
  return bytes;
}

/// 0..63, or 64 for a character outside the alphabet of RFC 4648 §4.
std::uint32_t base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  return c == '/' ? 63 : 64;
}

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::uint32_t value = base64_value(c);
    if (value > 63) return std::nullopt;
    bits = (bits << 6 | value) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_content(std::string_view text,
                                                        std::string_view encoding) {
  if (text.size() > max_encoded_bytes) return std::nullopt;
  if (encoding.empty()) encoding = std::ranges::all_of(text, is_hex_digit) ? "hex" : "base64";
  if (encoding == "hex") return decode_any_hex(text);
  if (encoding == "base64") return decode_base64(text);
  return std::nullopt;
}

}  // namespace mls
