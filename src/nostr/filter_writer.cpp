#include "nostr/filter_writer.h"

#include <fmt/format.h>

#include "nostr/relay_message.h"

namespace nostr {
namespace {

/// `"<name>":[…],`, each value written by `write(out, value)`.
template <typename List, typename Write>
void append_list(std::string& out, std::string_view name, const List& list, Write write) {
  out += fmt::format("\"{}\":[", name);
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    write(out, list[i]);
  }
  out += "],";
}

template <typename Number>
void append_number(std::string& out, std::string_view name, const std::optional<Number>& number) {
  if (number) out += fmt::format("\"{}\":{},", name, *number);
}

}  // namespace

std::string filter_json(const Filter& filter) {
  const auto write_hex = [](std::string& out, const base::Bytes32& bytes) {
    out += fmt::format("\"{}\"", base::to_hex(bytes));
  };
  const auto write_kind = [](std::string& out, Kind kind) { out += fmt::format("{}", kind); };
  std::string out = "{";
  if (filter.ids) append_list(out, "ids", *filter.ids, write_hex);
  if (filter.authors) append_list(out, "authors", *filter.authors, write_hex);
  if (filter.kinds) append_list(out, "kinds", *filter.kinds, write_kind);
  for (const TagFilter& tag : filter.tags)
    append_list(
        out, fmt::format("#{}", tag.letter), tag.values,
        [](std::string& text, const std::string& value) { append_json_string(text, value); });
  append_number(out, "since", filter.since);
  append_number(out, "until", filter.until);
  append_number(out, "limit", filter.limit);
  if (out.ends_with(',')) out.pop_back();
  return out + '}';
}

}  // namespace nostr
