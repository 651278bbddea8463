#include "extensions/search/word_rows.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "nostr/search_words.h"

namespace extensions::search {
namespace {

constexpr std::size_t time_bytes = 8, id_bytes = 32, place_bytes = time_bytes + id_bytes;
constexpr std::size_t value_bytes = 3;

std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string place_of(const nostr::Event& event) {
  return big_endian(~static_cast<std::uint64_t>(event.created_at)).append(event.id.view());
}

/// Repeating a word says less each time, and less in a long text (BM25 without the rarity of words: all must be there).
std::uint8_t weight_of(std::uint32_t times, std::uint32_t words) {
  constexpr double saturation = 1.2, by_length = 0.75, usual_length = 50;
  const double length = 1 - by_length + by_length * words / usual_length;
  return static_cast<std::uint8_t>(1 + 254 * times / (times + saturation * length));
}

std::string value_of(std::uint8_t weight, nostr::Kind kind) {
  return {static_cast<char>(weight), static_cast<char>(kind >> 8), static_cast<char>(kind)};
}

}  // namespace

std::string word_prefix(std::string_view word) {
  return std::string("search/").append(word).append(1, '\0');
}

std::string word_until(std::string_view word, base::UnixSeconds until) {
  return word_prefix(word).append(big_endian(~static_cast<std::uint64_t>(until)));
}

std::optional<Hit> parse_hit(std::string_view place, std::string_view value) {
  if (place.size() != place_bytes || value.size() != value_bytes) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(value[i]); };
  return Hit{.place = std::string(place),
             .weight = byte(0),
             .kind = static_cast<nostr::Kind>(byte(1) << 8 | byte(2))};
}

std::optional<Hit> parse_hit(const store::Row& row) {
  const std::string_view key = row.key;
  if (key.size() < place_bytes) return std::nullopt;
  return parse_hit(key.substr(key.size() - place_bytes), row.value);
}

nostr::EventId id_of(const Hit& hit) {
  nostr::EventId id;
  std::memcpy(id.bytes.data(), hit.place.data() + time_bytes, id_bytes);
  return id;
}

base::UnixSeconds time_of(const Hit& hit) {
  std::uint64_t inverted = 0;
  for (std::size_t i = 0; i < time_bytes; ++i)
    inverted = inverted << 8 | static_cast<unsigned char>(hit.place[i]);
  return static_cast<base::UnixSeconds>(~inverted);
}

std::vector<store::RowChange> rows_of(const nostr::Event& event) {
  const auto words = nostr::words_of_event(event);
  const std::string place = place_of(event);
  const auto total = std::accumulate(words.begin(), words.end(), std::uint32_t{0},
                                     [](auto sum, const auto& word) { return sum + word.times; });
  std::vector<store::RowChange> rows;
  for (const auto& [word, times] : words)
    rows.push_back(
        {word_prefix(word).append(place), value_of(weight_of(times, total), event.kind)});
  return rows;
}

std::vector<store::RowChange> erased_rows_of(const nostr::Event& event) {
  std::vector<store::RowChange> rows = rows_of(event);
  for (store::RowChange& row : rows) row.value.reset();
  return rows;
}

}  // namespace extensions::search
