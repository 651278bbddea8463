#include "mls/encoding.h"

#include <algorithm>
#include <string>

#include "base/base64.h"
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

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_content(std::string_view text,
                                                        std::string_view encoding) {
  if (text.size() > max_encoded_bytes) return std::nullopt;
  if (encoding.empty()) encoding = std::ranges::all_of(text, is_hex_digit) ? "hex" : "base64";
  if (encoding == "hex") return decode_any_hex(text);
  if (encoding == "base64") return base::decode_base64(text);
  return std::nullopt;
}

}  // namespace mls
