#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "nostr/tags.h"

namespace nostr {

using EventId = base::Bytes32;
using PublicKey = base::Bytes32;  ///< x-only secp256k1 key (BIP-340)
using Signature = base::Bytes64;

/// One Nostr event (NIP-01), as parsed; nothing says that its id or signature hold until verify() has.
///
/// Shared between threads as EventPtr and never changed after parsing.
struct Event {
  EventId id;
  PublicKey pubkey;
  Signature sig;
  base::UnixSeconds created_at = 0;
  std::uint16_t kind = 0;
  Tags tags;
  /// The event as it is stored and sent: the seven NIP-01 fields, minified; in that order, unless an import brought
  /// them in another. Fields the author added are dropped; id and signature still hold, because they do not cover them.
  std::string json;
  // Slices of `json`: the tags array and the quoted content.
  std::uint32_t tags_begin = 0, tags_end = 0, content_begin = 0, content_end = 0;

  [[nodiscard]] std::string_view tags_json() const {
    return std::string_view(json).substr(tags_begin, tags_end - tags_begin);
  }
  /// With its quotes and escapes.
  [[nodiscard]] std::string_view content_json() const {
    return std::string_view(json).substr(content_begin, content_end - content_begin);
  }
  /// Unescaped; made anew at each call (only key package checks need it).
  [[nodiscard]] std::string content() const;

  /// `expiration` (NIP-40) if there is one that is a plain number.
  [[nodiscard]] std::optional<base::UnixSeconds> expiration() const;
  /// NIP-70: only its author may publish it.
  [[nodiscard]] bool is_protected() const;
};

using EventPtr = std::shared_ptr<const Event>;

}  // namespace nostr
