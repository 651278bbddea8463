#pragma once
// Proof of work (NIP-13).
#include <expected>
#include <string>

#include "nostr/event.h"

namespace nostr {

/// The leading zero bits of an id: 0..256.
[[nodiscard]] unsigned difficulty_of(const EventId& id);

/// Has `event` at least `min_difficulty`, and, with `committed`, a `nonce` tag whose target is at least that, so that luck
/// at a lower target does not count? The error is a reason with its prefix. The caller has verified the id, or will.
[[nodiscard]] std::expected<void, std::string> check_work(const Event& event,
                                                          unsigned min_difficulty, bool committed);

}  // namespace nostr
