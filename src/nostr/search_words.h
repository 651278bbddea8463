#pragma once
// The words that search (NIP-50) compares: of a query, and of an event. Pure.
//
// A word is a run of letters and digits in its simple lower case (ASCII, Latin, Greek, Cyrillic; no locale, no
// stemming, accents stay). Scripts that are written without spaces (kana, Han) and pictures give one word
// for each character.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/event.h"

namespace nostr {

inline constexpr std::size_t max_search_bytes = 256;  ///< of a filter's `search`
inline constexpr std::size_t max_search_words = 10;
inline constexpr std::size_t max_word_bytes = 64;  ///< a longer word counts by its beginning
inline constexpr std::size_t max_searched_bytes =
    8 * 1024;  ///< of an event; what follows is not searched
inline constexpr std::size_t max_words_of_event = 256;  ///< different ones

struct CountedWord {
  std::string word;
  std::uint32_t times;
};

/// The words of `search`, sorted, each once. `key:value` pairs are extensions that we do not have, and are passed over;
/// no words are left of a search that holds nothing else.
[[nodiscard]] std::vector<std::string> words_of_search(std::string_view search);

/// The words of the event's content and of its `title`, `subject` and `summary` tags, sorted by word.
[[nodiscard]] std::vector<CountedWord> words_of_event(const Event& event);

/// The words of one event, found out at the first question. `event` outlives it; not thread-safe.
class EventWords {
 public:
  explicit EventWords(const Event& event) : event_(event) {}
  [[nodiscard]] bool have_all(const std::vector<std::string>& words);

 private:
  const Event& event_;
  std::optional<std::vector<CountedWord>> words_;
};

}  // namespace nostr
