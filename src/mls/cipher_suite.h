#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace mls {

/// The registered suites of RFC 9420 §17.1. An open enum: any 16-bit number is a value, unknown
/// ones have no name.
enum class CipherSuite : std::uint16_t {
  x25519_aes128gcm_sha256_ed25519 = 1,
  p256_aes128gcm_sha256_p256 = 2,
  x25519_chacha20poly1305_sha256_ed25519 = 3,
  x448_aes256gcm_sha512_ed448 = 4,
  p521_aes256gcm_sha512_p521 = 5,
  x448_chacha20poly1305_sha512_ed448 = 6,
  p384_aes256gcm_sha384_p384 = 7,
};

/// The IANA name ("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"), nullopt for numbers the RFC does
/// not register.
[[nodiscard]] std::optional<std::string_view> name_of(CipherSuite suite);

/// Parses what clients write into tags: "0x0001", "1" or the IANA name. Any 16-bit number is
/// accepted.
[[nodiscard]] std::optional<CipherSuite> parse_cipher_suite(std::string_view text);

}  // namespace mls
