// Any text as words: of a search, and of the event that says the same.
#include "nostr/search_words.h"

#include <algorithm>
#include <functional>

#include "check.h"
#include "nostr/client_message.h"
#include "nostr/relay_message.h"

using namespace nostr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static MessageParser parser{base::Limits{}};
  std::string quoted;
  append_json_string(quoted, {reinterpret_cast<const char*>(data), size});
  const auto event =
      parser.parse_event(R"({"id":")" + std::string(64, '1') + R"(","pubkey":")" +
                         std::string(64, '2') + R"(","sig":")" + std::string(128, '3') +
                         R"(","created_at":1,"kind":1,"tags":[],"content":)" + quoted + "}");
  if (!event) return 0;  // no UTF-8

  const auto words = words_of_event(*event);
  check(words.size() <= max_words_of_event, "an event's words are bounded");
  check(std::ranges::adjacent_find(words, std::ranges::greater_equal{}, &CountedWord::word) ==
            words.end(),
        "sorted, each once");
  EventWords of_event(*event);
  for (const auto& [word, times] : words) {
    check(!word.empty() && word.size() <= max_word_bytes && times > 0, "a word is bounded");
    check(word.find('\0') == word.npos, "a word can be part of a key");
    check(words_of_search(word) == std::vector{word}, "a word is the word of itself");
    check(of_event.have_all({word}), "an event has its words");
  }
  return 0;
}
