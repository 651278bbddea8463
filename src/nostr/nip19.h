#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "nostr/event.h"

namespace nostr {

/// A public key written as 64 lowercase hex characters or as npub1… (NIP-19, bech32). The error says what is wrong
/// and what would do, never the key itself.
[[nodiscard]] std::expected<PublicKey, std::string> parse_public_key(std::string_view text);

/// npub1…
[[nodiscard]] std::string npub(const PublicKey& key);
/// The 32 bytes of a NIP-19 text that begins with `prefix` and "1", such as "npub" or "nsec".
[[nodiscard]] std::optional<base::Bytes32> decode_bech32(std::string_view prefix,
                                                         std::string_view text);

}  // namespace nostr
