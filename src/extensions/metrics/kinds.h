#pragma once
#include <array>
#include <cstddef>
#include <string>

#include "nostr/kinds.h"

namespace extensions::metrics {

/// The kinds that have a label of their own, in order: what the gateway knows, and what relays mostly see. Clients choose
/// kinds, so all others share one label.
inline constexpr std::array<nostr::Kind, 55> named_kinds = {
    0,     1,     2,     3,     4,     5,     6,     7,     8,     9,     13,
    14,    16,    40,    41,    42,    62,    443,   444,   445,   446,   450,
    1059,  1063,  1111,  1311,  1984,  9734,  9735,  10000, 10001, 10002, 10003,
    10009, 10050, 10051, 13194, 21059, 22242, 23194, 23195, 24133, 27235, 30000,
    30002, 30003, 30008, 30009, 30023, 30078, 30311, 30402, 30443, 30818, 34550};
inline constexpr std::size_t kind_slots = named_kinds.size() + 1;

/// Where a kind is counted: its place in named_kinds, or behind all of them.
[[nodiscard]] std::size_t slot_of(nostr::Kind kind);
/// "445", or "other". REQUIRES: slot < kind_slots.
[[nodiscard]] std::string label_of(std::size_t slot);
/// Is it a kind of MLS groups and of private messages?
[[nodiscard]] bool is_gateway_kind(std::size_t slot);

}  // namespace extensions::metrics
