#include "mls/cipher_suite.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace mls {
namespace {

// Indexed by number - 1.
constexpr std::array<std::string_view, 7> names = {
    "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
    "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
    "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
    "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
    "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
    "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
    "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
};

std::optional<CipherSuite> parse_number(std::string_view digits, int base) {
  std::uint16_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return CipherSuite{number};
}

}  // namespace

std::optional<std::string_view> name_of(CipherSuite suite) {
  const auto number = static_cast<std::size_t>(suite);
  if (number < 1 || number > names.size()) return std::nullopt;
  return names[number - 1];
}

std::optional<CipherSuite> parse_cipher_suite(std::string_view text) {
  const auto name = std::ranges::find(names, text);
  if (name != names.end()) return CipherSuite(name - names.begin() + 1);
  if (text.starts_with("0x")) return parse_number(text.substr(2), 16);
  return parse_number(text, 10);
}

}  // namespace mls
