#include "store/firestore/documents.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <limits>

#include "nostr/address.h"
#include "store/firestore/queries.h"
#include "store/keys.h"
#include "store/stored_json.h"

namespace store::firestore {
namespace {

constexpr std::size_t id_bytes = 32, vanish_bytes = id_bytes + 8 + 8, token_bytes = 16;

/// Sets fields one after the other.
class Out {
 public:
  explicit Out(std::string name) { document_.set_name(std::move(name)); }

  Out& integer(const char* field, std::int64_t number) {
    fields()[field].set_integer_value(number);
    return *this;
  }
  Out& number(const char* field, std::uint64_t number) {
    return integer(field, static_cast<std::int64_t>(number));
  }
  Out& bytes(const char* field, std::string bytes) {
    fields()[field].set_bytes_value(std::move(bytes));
    return *this;
  }
  Out& text(const char* field, std::string text) {
    fields()[field].set_string_value(std::move(text));
    return *this;
  }
  Out& texts(const char* field, std::vector<std::string> texts) {
    auto& array = *fields()[field].mutable_array_value();
    for (std::string& text : texts) array.add_values()->set_string_value(std::move(text));
    return *this;
  }
  Out& time(const char* field, base::UnixSeconds time) {
    fields()[field].mutable_timestamp_value()->set_seconds(time);
    return *this;
  }
  [[nodiscard]] v1::Document take() { return std::move(document_); }

 private:
  [[nodiscard]] google::protobuf::Map<std::string, v1::Value>& fields() {
    return *document_.mutable_fields();
  }

  v1::Document document_;
};

/// Reads fields; what is not there, or of another type, is remembered and read as nothing.
class In {
 public:
  explicit In(const v1::Document& document) : document_(document) {}

  [[nodiscard]] bool has(const char* field) const { return document_.fields().contains(field); }
  std::int64_t integer(const char* field) {
    return expect(field, &v1::Value::has_integer_value).integer_value();
  }
  std::uint64_t number(const char* field) {
    const std::int64_t number = integer(field);
    ok_ = ok_ && number >= 0;
    return static_cast<std::uint64_t>(number);
  }
  std::optional<std::int64_t> integer_or_none(const char* field) {
    return has(field) ? std::optional(integer(field)) : std::nullopt;
  }
  const std::string& bytes(const char* field) {
    return expect(field, &v1::Value::has_bytes_value).bytes_value();
  }
  base::UnixSeconds time(const char* field) {
    return expect(field, &v1::Value::has_timestamp_value).timestamp_value().seconds();
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const v1::Value& expect(const char* field, bool (v1::Value::*is)() const) {
    const auto found = document_.fields().find(field);
    if (found != document_.fields().end() && (found->second.*is)()) return found->second;
    ok_ = false;
    return v1::Value::default_instance();
  }

  const v1::Document& document_;
  bool ok_ = true;
};

base::Bytes32 bytes32(std::string_view bytes) {
  base::Bytes32 value;
  std::memcpy(value.bytes.data(), bytes.data(), value.bytes.size());
  return value;
}

std::string bytes_of(const std::vector<Vanish>& all) {
  std::string bytes;
  for (const Vanish& vanish : all) {
    Key key;
    key.add(vanish.author.view()).add64(static_cast<std::uint64_t>(vanish.until)).add64(vanish.seq);
    bytes.append(key.view());
  }
  return bytes;
}

std::string bytes_of(const std::vector<nostr::EventId>& ids) {
  std::string bytes;
  for (const nostr::EventId& id : ids) bytes.append(id.view());
  return bytes;
}

/// nullopt unless `bytes` are items of that size; `read` makes one of its bytes.
template <typename Read>
auto items_in(std::string_view bytes, std::size_t size, Read read)
    -> std::optional<std::vector<decltype(read(bytes))>> {
  if (bytes.size() % size != 0) return std::nullopt;
  std::vector<decltype(read(bytes))> items;
  for (; !bytes.empty(); bytes.remove_prefix(size)) items.push_back(read(bytes.substr(0, size)));
  return items;
}

Vanish vanish_in(std::string_view bytes) {
  return {.author = bytes32(bytes),
          .until = static_cast<base::UnixSeconds>(read64(bytes.substr(id_bytes))),
          .seq = read64(bytes.substr(id_bytes + 8))};
}

}  // namespace

v1::Document event_document(const Names& names, const StoredEvent& stored, Sha256& sha256) {
  const nostr::Event& event = *stored.event;
  Out out(names.full(event_name(event.id)));
  out.number("s", stored.seq)
      .integer("m", stored.mark)
      .integer("c", event.created_at)
      .integer("h", shard_of(event.id))
      .texts("i", index_entries(event, sha256))
      .bytes("j", event.json);
  if (stored.expires_at) out.integer("x", *stored.expires_at);
  if (const auto address = nostr::address_of(event))
    out.text("a", hex_of(address_key(*address, sha256).view()));
  return out.take();
}

std::optional<StoredEvent> event_in(const v1::Document& document, nostr::MessageParser& parser) {
  In in(document);
  StoredEvent stored;
  stored.seq = in.number("s");
  const std::uint64_t mark = in.number("m");
  stored.mark = static_cast<std::uint8_t>(mark);
  stored.expires_at = in.integer_or_none("x");
  const std::string& json = in.bytes("j");
  if (!in.ok() || mark > std::numeric_limits<std::uint8_t>::max()) return std::nullopt;
  auto whole = with_event(std::move(stored), json, parser);
  if (whole && base::to_hex(whole->event->id) != id_in(document.name())) return std::nullopt;
  return whole;
}

v1::Document row_document(const Names& names, const RowChange& row) {
  Out out(names.full(row_name(row.key)));
  out.bytes("v", row.value.value_or(""));
  if (row.expires_at) out.integer("x", *row.expires_at);
  return out.take();
}

std::optional<RowChange> row_in(const v1::Document& document) {
  In in(document);
  auto key = firestore::bytes_of(id_in(document.name()));
  RowChange row{.key = {}, .value = in.bytes("v"), .expires_at = in.integer_or_none("x")};
  if (!in.ok() || !key) return std::nullopt;
  row.key = *std::move(key);
  return row;
}

v1::Document tombstone_document(const Names& names, const TombstoneEntry& tombstone) {
  return Out(names.full(tombstone_name(tombstone.key))).integer("u", tombstone.until).take();
}

std::optional<TombstoneEntry> tombstone_in(const v1::Document& document) {
  In in(document);
  auto key = firestore::bytes_of(id_in(document.name()));
  const base::UnixSeconds until = in.integer("u");
  if (!in.ok() || !key) return std::nullopt;
  return TombstoneEntry{.key = *std::move(key), .until = until};
}

v1::Document commit_document(const Names& names, const Commit& commit) {
  return Out(names.full(commit_name(commit.slot)))
      .number("n", commit.slot)
      .number("last", commit.last)
      .bytes("token", commit.token)
      .time("at", commit.at)
      .number("events", commit.events)
      .bytes("vanishing", bytes_of(commit.vanishing))
      .bytes("gone", bytes_of(commit.gone))
      .bytes("body", commit.body)
      .take();
}

std::optional<Commit> commit_in(const v1::Document& document) {
  In in(document);
  auto vanishing = items_in(in.bytes("vanishing"), vanish_bytes, vanish_in);
  auto gone = items_in(in.bytes("gone"), id_bytes, bytes32);
  Commit commit{.slot = in.number("n"),
                .last = in.number("last"),
                .token = in.bytes("token"),
                .at = in.time("at"),
                .events = in.number("events"),
                .vanishing = {},
                .gone = {},
                .body = in.bytes("body")};
  const bool whole = in.ok() && vanishing && gone && commit.token.size() == token_bytes;
  if (!whole || !commit_name(commit.slot).ends_with(id_in(document.name()))) return std::nullopt;
  commit.vanishing = *std::move(vanishing);
  commit.gone = *std::move(gone);
  return commit;
}

v1::Write put(v1::Document document) {
  v1::Write write;
  *write.mutable_update() = std::move(document);
  return write;
}

v1::Write create(v1::Document document) {
  v1::Write write = put(std::move(document));
  write.mutable_current_document()->set_exists(false);
  return write;
}

v1::Write erase(const Names& names, std::string_view relative) {
  v1::Write write;
  write.set_delete_(names.full(relative));
  return write;
}

}  // namespace store::firestore
