#pragma once
// The rows that say which events hold which words. Pure.
//
// "search/" word 0x00 ~created_at(8) id(32) -> weight(1) kind(2); numbers are big-endian. Below one word the rows stand
// newest first, lowest id first among equals; the last 40 bytes of a key, its *place*, are the same below every word.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/event.h"
#include "nostr/kinds.h"
#include "store/rows.h"

namespace extensions::search {

/// One event that holds a word.
struct Hit {
  std::string place;
  std::uint8_t weight;  ///< how much the event is about the word: 1..255
  nostr::Kind kind;
};

/// What all rows of a word begin with.
[[nodiscard]] std::string word_prefix(std::string_view word);
/// Behind it lie the rows of this word up to `until`. REQUIRES: until >= 0.
[[nodiscard]] std::string word_until(std::string_view word, base::UnixSeconds until);
/// nullopt for a row that is none of ours.
[[nodiscard]] std::optional<Hit> parse_hit(const store::Row& row);
[[nodiscard]] std::optional<Hit> parse_hit(std::string_view place, std::string_view value);

[[nodiscard]] nostr::EventId id_of(const Hit& hit);
[[nodiscard]] base::UnixSeconds time_of(const Hit& hit);

/// The rows of an event.
[[nodiscard]] std::vector<store::RowChange> rows_of(const nostr::Event& event);
/// The same rows, to be erased.
[[nodiscard]] std::vector<store::RowChange> erased_rows_of(const nostr::Event& event);

}  // namespace extensions::search
