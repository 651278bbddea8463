#include "nostr/event_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "nostr/relay_message.h"

namespace nostr {
namespace {

using json::bad_shape;
using json::Result;
using json::ondemand::value;

enum Field : std::size_t { id, pubkey, created_at, kind_number, tags, content, sig, field_count };
constexpr std::array<std::string_view, field_count> field_names = {
    "id", "pubkey", "created_at", "kind", "tags", "content", "sig"};

std::size_t field_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(field_names, name) - field_names.begin());
}

Result<void> read_text(value from, std::string_view wanted, std::string_view& text) {
  const auto read = json::read_string(from, wanted);
  if (!read) return std::unexpected(read.error());
  text = *read;
  return {};
}

/// Reads a hex string into `out` and its text into `text`.
template <std::size_t N>
Result<void> read_hex(value from, std::string_view wanted, base::FixedBytes<N>& out,
                      std::string_view& text) {
  if (auto read = read_text(from, wanted, text); !read) return read;
  if (!base::decode_hex(text, out.bytes)) return bad_shape(std::string(wanted));
  return {};
}

/// A plain number from 0 to `max`: no sign, fraction or exponent.
template <typename T>
Result<void> read_number(value from, std::string_view wanted, std::uint64_t max, T& out) {
  std::uint64_t number = 0;
  if (const auto error = from.get_uint64().get(number)) return json::fault_of(error, wanted);
  if (number > max) return bad_shape(std::string(wanted));
  out = static_cast<T>(number);
  return {};
}

Result<void> read_tags(value from, std::size_t max_tags, Tags& tags) {
  constexpr std::string_view wanted = "tags must be an array of arrays of strings";
  return json::for_each_item(from, wanted, [&](value tag) -> Result<void> {
    if (tags.size() >= max_tags)
      return bad_shape(fmt::format("too many tags; the limit is {}", max_tags));
    tags.begin_tag();
    return json::for_each_item(tag, wanted, [&](value item) -> Result<void> {
      const auto text = json::read_string(item, wanted);
      if (!text) return std::unexpected(text.error());
      tags.add_string(*text);
      return {};
    });
  });
}

}  // namespace

Result<Event> EventReader::read(json::ondemand::object object, std::size_t max_tags,
                                std::string_view text) {
  Event event;
  Texts texts;
  unsigned seen = 0;
  const auto read_known = [&](std::string_view key, value from) -> Result<void> {
    const std::size_t field = field_of(key);
    if (field == field_count) return {};
    // Two fields of one name: what was signed and what another reader sees could differ.
    if (seen & 1U << field) return bad_shape(fmt::format("the event has two fields {}", key));
    seen |= 1U << field;
    return read_field(field, from, max_tags, event, texts);
  };
  const auto fields = json::for_each_field(object, read_known);
  if (!fields) return std::unexpected(fields.error());
  for (std::size_t field = 0; field < field_count; ++field)
    if (!(seen & 1U << field))
      return bad_shape(fmt::format("the event has no {}", field_names[field]));

  write_json(event, texts);
  if (!text.empty() && text != scratch_) keep_order_of(text, event);
  return event;
}

Result<void> EventReader::read_field(std::size_t field, value from, std::size_t max_tags,
                                     Event& event, Texts& texts) {
  switch (static_cast<Field>(field)) {
    case id:
      return read_hex(from, "id must be 64 lowercase hex characters", event.id, texts.id);
    case pubkey:
      return read_hex(from, "pubkey must be 64 lowercase hex characters", event.pubkey,
                      texts.pubkey);
    case sig:
      return read_hex(from, "sig must be 128 lowercase hex characters", event.sig, texts.sig);
    case created_at:
      return read_number(from, "created_at must be a whole number of seconds, 0 or more",
                         std::numeric_limits<std::int64_t>::max(), event.created_at);
    case kind_number:
      return read_number(from, "kind must be a whole number from 0 to 65535", 65535, event.kind);
    case tags:
      return read_tags(from, max_tags, event.tags);
    case content:
      return read_text(from, "content must be a string", texts.content);
    case field_count:
      break;
  }
  return {};
}

void EventReader::write_json(Event& event, const Texts& texts) {
  scratch_ = '{';
  const auto write = [this](Field field, auto value) {
    if (field != id) scratch_ += ',';
    Slice& slice = written_[field];
    slice.begin = size();
    fmt::format_to(std::back_inserter(scratch_), R"("{}":)", field_names[field]);
    value();
    slice.end = size();
  };
  const auto quote = [this](std::string_view hex) { ((scratch_ += '"') += hex) += '"'; };
  const auto print = [this](auto number) {
    fmt::format_to(std::back_inserter(scratch_), "{}", number);
  };
  write(id, [&] { quote(texts.id); });
  write(pubkey, [&] { quote(texts.pubkey); });
  write(created_at, [&] { print(event.created_at); });
  write(kind_number, [&] { print(event.kind); });
  write(tags, [&] { write_tags(event.tags); });
  write(content, [&] { append_json_string(scratch_, texts.content); });
  write(sig, [&] { quote(texts.sig); });
  scratch_ += '}';
  event.json = scratch_;
  mark_slices(event, written_);
}

void EventReader::mark_slices(Event& event, const Slices& slices) {
  const auto value_of = [&slices](Field field) {
    const auto name_bytes = static_cast<std::uint32_t>(field_names[field].size() + 3);  // "name":
    return Slice{slices[field].begin + name_bytes, slices[field].end};
  };
  event.tags_begin = value_of(tags).begin;
  event.tags_end = value_of(tags).end;
  event.content_begin = value_of(content).begin;
  event.content_end = value_of(content).end;
}

void EventReader::keep_order_of(std::string_view text, Event& event) const {
  // No field can be shorter than ours, so text of our size that holds all seven holds nothing else.
  if (text.size() != scratch_.size()) return;
  Slices found{};
  std::size_t at = 1;  // behind the brace, then behind each comma
  for (std::size_t count = 0; count < field_count; ++count) {
    const std::string_view rest = text.substr(at);
    const auto next = std::ranges::find_if(written_, [&](const Slice& slice) {
      return rest.starts_with(
          std::string_view(scratch_).substr(slice.begin, slice.end - slice.begin));
    });
    if (next == written_.end()) return;
    const std::uint32_t bytes = next->end - next->begin;
    const auto begin = static_cast<std::uint32_t>(at);
    found[static_cast<std::size_t>(next - written_.begin())] = {begin, begin + bytes};
    at += bytes + 1;
  }
  event.json = text;
  mark_slices(event, found);
}

void EventReader::write_tags(const Tags& tags) {
  scratch_ += '[';
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Tag tag = tags[i];
    scratch_ += i == 0 ? "[" : ",[";
    for (std::size_t j = 0; j < tag.size(); ++j) {
      if (j > 0) scratch_ += ',';
      append_json_string(scratch_, tag[j]);
    }
    scratch_ += ']';
  }
  scratch_ += ']';
}

}  // namespace nostr
