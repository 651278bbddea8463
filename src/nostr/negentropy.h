#pragma once
// Negentropy, version 1 (the appendix of NIP-77): two sides learn which of their events the other lacks, by comparing
// fingerprints of ever smaller ranges of time.
//
// The initiator says the first word and learns the difference; the responder answers each message from its items and
// remembers nothing between two of them. Pure functions of values: any bytes will do as a message.
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "nostr/negentropy_items.h"
#include "nostr/negentropy_wire.h"

namespace nostr::negentropy {

/// The least that `max_bytes` may be; a message never exceeds its `max_bytes`.
inline constexpr std::size_t least_max_bytes = 4096;

/// What the initiator has learnt so far. An id may be named twice by a responder that means ill.
struct Difference {
  std::vector<EventId> have;  ///< only here
  std::vector<EventId> need;  ///< only there
};

/// The initiator's first message.
[[nodiscard]] Bytes initiate(const Items& items);

/// The responder's answer. To another version than 1: the one byte that names version 1.
[[nodiscard]] std::expected<Bytes, Error> respond(const Items& items,
                                                  std::span<const std::uint8_t> message,
                                                  std::size_t max_bytes);

/// The initiator's next message after an answer, nullopt: the difference is complete.
[[nodiscard]] std::expected<std::optional<Bytes>, Error> resume(
    const Items& items, std::span<const std::uint8_t> answer, std::size_t max_bytes,
    Difference& difference);

}  // namespace nostr::negentropy
