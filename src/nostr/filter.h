#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "nostr/event.h"
#include "nostr/kinds.h"
#include "nostr/search_words.h"

namespace nostr {

struct TagFilter {
  char letter;                      ///< a-z or A-Z, case-sensitive
  std::vector<std::string> values;  ///< sorted, unique; matches any of them
};

/// One NIP-01 filter: a conjunction. An absent list matches everything, an empty one nothing. A plain value.
struct Filter {
  std::optional<std::vector<EventId>> ids;        ///< sorted, unique
  std::optional<std::vector<PublicKey>> authors;  ///< sorted, unique
  std::optional<std::vector<Kind>>
      kinds;                    ///< sorted, unique; kinds over 65535 match nothing and are left out
  std::vector<TagFilter> tags;  ///< one entry per letter
  std::optional<base::UnixSeconds> since, until;  ///< inclusive
  std::optional<std::uint64_t> limit;             ///< for stored events only; matches() ignores it
  /// NIP-50: words that must all be there, sorted, unique; none: a search that asks for nothing.
  std::optional<std::vector<std::string>> search{};

  [[nodiscard]] bool matches(const Event& event) const;
  /// The same, for many filters and one event, whose words are found once.
  [[nodiscard]] bool matches(const Event& event, EventWords& words) const;
  /// Is there a word to search for?
  [[nodiscard]] bool searches() const { return search && !search->empty(); }
  /// The values asked for under this letter; nullptr if the filter does not name it.
  [[nodiscard]] const std::vector<std::string>* tag(char letter) const;
  /// Ids, authors, kinds, tag values and searched words: what the filter takes to keep and to index.
  [[nodiscard]] std::size_t value_count() const;
  /// True when no event can match (an empty list, or since > until).
  [[nodiscard]] bool matches_nothing() const;
};

/// value_count() of all of them.
[[nodiscard]] inline std::size_t value_count_of(std::span<const Filter> filters) {
  std::size_t count = 0;
  for (const Filter& filter : filters) count += filter.value_count();
  return count;
}

}  // namespace nostr
