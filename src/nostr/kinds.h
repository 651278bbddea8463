#pragma once
// Kinds and their classes (NIP-01). Kinds outside every range (62, 443-450) are regular.
#include <cstdint>

namespace nostr {

using Kind = std::uint16_t;

namespace kind {
inline constexpr Kind metadata = 0, contacts = 3, encrypted_dm = 4, deletion = 5, repost = 6,
                      generic_repost = 16;
inline constexpr Kind seal = 13;
inline constexpr Kind key_package = 443, welcome = 444, group_message = 445, noise_dm = 446,
                      roster = 450;
inline constexpr Kind vanish = 62;
inline constexpr Kind gift_wrap = 1059, ephemeral_gift_wrap = 21059;
inline constexpr Kind client_auth = 22242, http_auth = 27235;
inline constexpr Kind addressable_key_package = 30443;
}  // namespace kind

[[nodiscard]] constexpr bool is_replaceable(Kind k) {
  return k == kind::metadata || k == kind::contacts || (k >= 10000 && k < 20000);
}
[[nodiscard]] constexpr bool is_ephemeral(Kind k) { return k >= 20000 && k < 30000; }
[[nodiscard]] constexpr bool is_addressable(Kind k) { return k >= 30000 && k < 40000; }

}  // namespace nostr
