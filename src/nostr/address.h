#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "nostr/event.h"
#include "nostr/kinds.h"

namespace nostr {

/// (kind, pubkey, d): what replaceable and addressable events replace each other by. For replaceable kinds `d` is "".
struct Address {
  Kind kind = 0;
  PublicKey pubkey;
  std::string d;
  friend auto operator<=>(const Address&, const Address&) = default;
};

/// nullopt for events that do not replace each other. `d` is the first `d` tag wherever it stands; absent or bare = "".
[[nodiscard]] std::optional<Address> address_of(const Event& event);

/// Parses the value of an `a` tag, "kind:pubkey:d"; `d` may hold colons (split at most twice).
/// nullopt unless kind is replaceable or addressable and pubkey is 64 lowercase hex.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

}  // namespace nostr
