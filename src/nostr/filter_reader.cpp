#include "nostr/filter_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace nostr {
namespace {

using json::bad_shape;
using json::Fault;
using json::Result;
using json::ondemand::value;

constexpr std::size_t max_echoed_key_bytes = 32;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class FilterReader {
 public:
  explicit FilterReader(std::size_t max_values) : max_values_(max_values) {}

  Result<Filter> read(json::ondemand::object object) {
    const auto fields = json::for_each_field(
        object, [this](std::string_view key, value from) { return read_field(key, from); });
    if (!fields) return std::unexpected(fields.error());
    return std::move(filter_);
  }

 private:
  Result<void> read_field(std::string_view key, value from) {
    if (key == "ids") return read_keys(key, from, filter_.ids);
    if (key == "authors") return read_keys(key, from, filter_.authors);
    if (key == "kinds") return read_kinds(key, from);
    if (key == "since") return read_time(key, from, filter_.since);
    if (key == "until") return read_time(key, from, filter_.until);
    if (key == "limit") return read_limit(key, from);
    if (key == "search") return read_search(key, from);
    if (key.size() == 2 && key[0] == '#' && is_letter(key[1])) return read_tag(key, from);
    return std::unexpected(
        Fault{Fault::Kind::unsupported,
              fmt::format("unknown filter key {}", json::utf8_prefix(key, max_echoed_key_bytes))});
  }

  static std::unexpected<Fault> twice(std::string_view key) {
    return bad_shape(fmt::format("the filter has two keys {}", key));
  }

  /// A sorted list without repeats; `read_item(value) -> Result<void>` appends to it.
  template <typename T, typename ReadItem>
  Result<void> read_list(std::string_view key, value from, std::vector<T>& list,
                         ReadItem read_item) {
    const auto wanted = fmt::format("{} must be an array", key);
    const auto counted = [&](value item) -> Result<void> {
      if (++values_ > max_values_)
        return bad_shape(
            fmt::format("too many values in one filter; the limit is {}", max_values_));
      return read_item(item);
    };
    if (auto read = json::for_each_item(from, wanted, counted); !read) return read;
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
    return {};
  }

  Result<void> read_keys(std::string_view key, value from,
                         std::optional<std::vector<base::Bytes32>>& list) {
    if (list) return twice(key);
    list.emplace();
    const auto wanted = fmt::format("{} must be 64 lowercase hex characters each", key);
    return read_list(key, from, *list, [&](value item) -> Result<void> {
      const auto text = json::read_string(item, wanted);
      if (!text) return std::unexpected(text.error());
      const auto bytes = base::from_hex<base::Bytes32>(*text);
      if (!bytes) return bad_shape(wanted);
      list->push_back(*bytes);
      return {};
    });
  }

  Result<void> read_kinds(std::string_view key, value from) {
    if (filter_.kinds) return twice(key);
    filter_.kinds.emplace();
    return read_list(key, from, *filter_.kinds, [&](value item) -> Result<void> {
      const auto number = json::read_integer(item, "kinds must be whole numbers");
      if (!number) return std::unexpected(number.error());
      if (*number >= 0 && *number <= 65535) filter_.kinds->push_back(static_cast<Kind>(*number));
      return {};
    });
  }

  Result<void> read_tag(std::string_view key, value from) {
    const char letter = key[1];
    if (filter_.tag(letter)) return twice(key);
    auto& values = filter_.tags.emplace_back(TagFilter{letter, {}}).values;
    const bool holds_key =
        letter == 'e' || letter == 'p';  // NIP-01 wants exact ids and keys in these two
    return read_list(key, from, values, [&](value item) -> Result<void> {
      const auto text = json::read_string(item, "tag filters must be arrays of strings");
      if (!text) return std::unexpected(text.error());
      if (holds_key && !base::from_hex<base::Bytes32>(*text))
        return bad_shape(fmt::format("{} must be 64 lowercase hex characters each", key));
      values.emplace_back(*text);
      return {};
    });
  }

  static Result<void> read_time(std::string_view key, value from,
                                std::optional<base::UnixSeconds>& time) {
    if (time) return twice(key);
    const auto wanted = fmt::format("{} must be a whole number of seconds", key);
    const auto seconds = json::read_integer(from, wanted);
    if (!seconds) return std::unexpected(seconds.error());
    time = *seconds;
    return {};
  }

  Result<void> read_limit(std::string_view key, value from) {
    if (filter_.limit) return twice(key);
    constexpr std::string_view wanted = "limit must be a whole number, 0 or more";
    const auto number = json::read_integer(from, wanted);
    if (!number) return std::unexpected(number.error());
    if (*number < 0) return bad_shape(std::string(wanted));
    filter_.limit = static_cast<std::uint64_t>(*number);
    return {};
  }

  Result<void> read_search(std::string_view key, value from) {
    if (filter_.search) return twice(key);
    const auto text = json::read_string(from, "search must be a text");
    if (!text) return std::unexpected(text.error());
    if (text->size() > max_search_bytes)
      return bad_shape(fmt::format("search may have {} bytes", max_search_bytes));
    filter_.search = words_of_search(*text);
    if (filter_.search->size() > max_search_words)
      return bad_shape(fmt::format("search may have {} words", max_search_words));
    return {};
  }

  const std::size_t max_values_;
  std::size_t values_ = 0;
  Filter filter_;
};

}  // namespace

Result<Filter> read_filter(json::ondemand::object object, std::size_t max_values) {
  return FilterReader(max_values).read(object);
}

}  // namespace nostr
