#include "nostr/search_words.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "nostr/json_reader.h"

namespace nostr {
namespace {

/// The next character of valid UTF-8 and how many bytes it takes.
struct Character {
  char32_t code;
  std::size_t bytes;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (byte(i) & 0x3F);
  return {code, std::min(bytes, text.size())};
}

void append_utf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code >= 0x10000 ? 3 : code >= 0x800 ? 2 : 1;
  constexpr std::array<unsigned, 4> lead{0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[static_cast<std::size_t>(more)] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

struct Range {
  char32_t first, last;
};

bool is_in(char32_t code, std::span<const Range> ranges) {
  return std::ranges::any_of(
      ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

/// Signs, spaces and punctuation beyond ASCII; everything else there is taken for a letter.
constexpr std::array<Range, 10> separators{{{0x80, 0xA9},
                                            {0xAB, 0xB4},
                                            {0xB6, 0xB9},
                                            {0xBB, 0xBF},
                                            {0xD7, 0xD7},
                                            {0xF7, 0xF7},
                                            {0x2000, 0x2BFF},
                                            {0x3000, 0x303F},
                                            {0xFE00, 0xFE6F},
                                            {0xFF00, 0xFF0F}}};
/// Kana, Han and pictures: each is a word.
constexpr std::array<Range, 5> without_spaces{
    {{0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0x1F000, 0x1FAFF}, {0x20000, 0x3FFFF}}};

bool is_letter(char32_t code) {
  if (code >= 0x80) return !is_in(code, separators);
  return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
         (code >= 'A' && code <= 'Z');
}

/// Simple lower case where it is a fixed distance away (Unicode's simple case folding).
char32_t lowered(char32_t code) {
  struct Shift {
    Range upper;
    char32_t distance;
  };
  constexpr std::array<Shift, 6> shifts{{{{'A', 'Z'}, 32},
                                         {{0xC0, 0xDE}, 32},
                                         {{0x391, 0x3A9}, 32},
                                         {{0x400, 0x40F}, 80},
                                         {{0x410, 0x42F}, 32},
                                         {{0x531, 0x556}, 48}}};
  for (const Shift& shift : shifts)
    if (is_in(code, {&shift.upper, 1})) return code + shift.distance;
  // Latin Extended-A alternates; its order turns twice.
  const bool even_is_upper = is_in(code, std::array<Range, 2>{{{0x100, 0x137}, {0x14A, 0x177}}});
  const bool odd_is_upper = is_in(code, std::array<Range, 2>{{{0x139, 0x148}, {0x179, 0x17E}}});
  if ((even_is_upper && code % 2 == 0) || (odd_is_upper && code % 2 == 1)) return code + 1;
  return code == 0x3C2 ? 0x3C3 : code;  // final sigma
}

/// Calls visit(std::string word) for each word, in order.
template <typename Visit>
void for_each_word(std::string_view text, Visit&& visit) {
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) visit(std::string(json::utf8_prefix(word, max_word_bytes)));
    word.clear();
  };
  while (!text.empty()) {
    const auto [code, bytes] = first_character(text);
    text.remove_prefix(bytes);
    const bool alone = is_in(code, without_spaces);
    if (alone || !is_letter(code)) end_word();
    if (is_letter(code)) append_utf8(word, lowered(code));
    if (alone) end_word();
  }
  end_word();
}

/// `key:value`: two words and a colon between them.
bool is_extension(std::string_view part) {
  const std::size_t colon = part.find(':');
  if (colon == 0 || colon == part.npos || colon + 1 == part.size()) return false;
  const auto in_key = [](char c) { return is_letter(static_cast<unsigned char>(c)) || c == '_'; };
  return std::ranges::all_of(part.substr(0, colon), in_key) &&
         is_letter(first_character(part.substr(colon + 1)).code);
}

class Counter {
 public:
  void add(std::string_view text) {
    const std::string_view searched = json::utf8_prefix(text, room_);
    room_ -= searched.size();
    for_each_word(searched, [this](std::string word) { words_.push_back(std::move(word)); });
  }

  std::vector<CountedWord> counted() && {
    // Which words count when there are too many must not depend on their order in the alphabet.
    std::vector<CountedWord> counted;
    std::ranges::sort(words_);
    for (std::string& word : words_) {
      if (!counted.empty() && counted.back().word == word)
        ++counted.back().times;
      else
        counted.push_back({std::move(word), 1});
    }
    if (counted.size() <= max_words_of_event) return counted;
    std::ranges::sort(counted, [](const CountedWord& a, const CountedWord& b) {
      return a.times != b.times ? a.times > b.times : a.word < b.word;
    });
    counted.resize(max_words_of_event);
    std::ranges::sort(counted, {}, &CountedWord::word);
    return counted;
  }

 private:
  std::vector<std::string> words_;
  std::size_t room_ = max_searched_bytes;
};

}  // namespace

std::vector<std::string> words_of_search(std::string_view search) {
  std::vector<std::string> words;
  while (!search.empty()) {
    const std::size_t space = std::min(search.find_first_of(" \t\r\n"), search.size());
    const std::string_view part = search.substr(0, space);
    search.remove_prefix(std::min(space + 1, search.size()));
    if (!is_extension(part))
      for_each_word(part, [&](std::string word) { words.push_back(std::move(word)); });
  }
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  return words;
}

std::vector<CountedWord> words_of_event(const Event& event) {
  Counter counter;
  for (const Tag tag : event.tags) {
    if (tag.name() == "title" || tag.name() == "subject" || tag.name() == "summary")
      counter.add(tag.value());
  }
  counter.add(event.content());
  return std::move(counter).counted();
}

bool EventWords::have_all(const std::vector<std::string>& words) {
  if (!words_) words_ = words_of_event(event_);
  return std::ranges::all_of(words, [this](const std::string& word) {
    return std::ranges::binary_search(*words_, word, {}, &CountedWord::word);
  });
}

}  // namespace nostr
