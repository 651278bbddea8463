#include "store/firestore/queries.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/firestore/documents.h"

namespace store::firestore {
namespace {

using FieldFilter = v1::StructuredQuery_FieldFilter;
using Direction = v1::StructuredQuery_Direction;
constexpr auto ascending = v1::StructuredQuery::ASCENDING,
               descending = v1::StructuredQuery::DESCENDING;
constexpr const char* name_field = "__name__";
/// Behind every id of hex digits.
constexpr char behind_hex = 'g';

v1::Value integer(std::int64_t number) {
  v1::Value value;
  value.set_integer_value(number);
  return value;
}

v1::Value number(std::uint64_t number) { return integer(static_cast<std::int64_t>(number)); }

v1::Value text(std::string text) {
  v1::Value value;
  value.set_string_value(std::move(text));
  return value;
}

v1::Value time(base::UnixSeconds time) {
  v1::Value value;
  value.mutable_timestamp_value()->set_seconds(time);
  return value;
}

v1::Value reference(const Names& names, std::string_view relative) {
  v1::Value value;
  value.set_reference_value(names.full(relative));
  return value;
}

template <typename Items, typename Make>
v1::Value list(const Items& items, Make make) {
  v1::Value value;
  for (const auto& item : items) *value.mutable_array_value()->add_values() = make(item);
  return value;
}

/// A query of one collection, part by part.
class Query {
 public:
  explicit Query(std::string_view collection) {
    query_.add_from()->set_collection_id(std::string(collection));
  }

  /// All conditions hold at once.
  Query& where(const char* field, FieldFilter::Operator op, v1::Value value) {
    auto& all = *query_.mutable_where()->mutable_composite_filter();
    all.set_op(v1::StructuredQuery_CompositeFilter::AND);
    auto& filter = *all.add_filters()->mutable_field_filter();
    filter.mutable_field()->set_field_path(field);
    filter.set_op(op);
    *filter.mutable_value() = std::move(value);
    return *this;
  }
  Query& order(const char* field, Direction direction) {
    auto& by = *query_.add_order_by();
    by.mutable_field()->set_field_path(field);
    by.set_direction(direction);
    return *this;
  }
  Query& select(const char* field) {
    query_.mutable_select()->add_fields()->set_field_path(field);
    return *this;
  }
  Query& select_event() {
    for (const char* field : event_fields) select(field);
    return *this;
  }
  /// Strictly behind these values of what it is ordered by.
  Query& behind(std::initializer_list<v1::Value> values) {
    for (const v1::Value& value : values) *query_.mutable_start_at()->add_values() = value;
    return *this;
  }
  Query& limit(std::size_t limit) {
    query_.mutable_limit()->set_value(
        static_cast<std::int32_t>(std::min<std::size_t>(limit, 1 << 30)));
    return *this;
  }
  [[nodiscard]] v1::StructuredQuery take() { return std::move(query_); }

 private:
  v1::StructuredQuery query_;
};

/// "p<hex>", "P<hex>.<kind>", …: the parts of a key without its place.
std::string entry_of(Index index, std::string_view key) {
  constexpr std::size_t author_bytes = 32;
  switch (index) {
    case Index::time:
      return "t";
    case Index::kind:
      return fmt::format("k{}.", read16(key));
    case Index::author:
      return fmt::format("p{}", hex_of(key));
    case Index::author_kind:
      return fmt::format("P{}.{}", hex_of(key.substr(0, author_bytes)),
                         read16(key.substr(author_bytes)));
    case Index::tag:
      return fmt::format("g{}", hex_of(key));
    case Index::recipient:
      return fmt::format("r{}", hex_of(key));
  }
  return {};
}

/// What all events have, or very many, in one order.
bool is_sharded(Index index) { return index == Index::time || index == Index::kind; }

std::string shard(const std::string& entry, int shard) { return fmt::format("{}{}", entry, shard); }

v1::Value all_shards() {
  std::array<int, shard_count> shards;
  for (int i = 0; i < shard_count; ++i) shards[static_cast<std::size_t>(i)] = i;
  return list(shards, integer);
}

/// Nothing can lie in it.
bool is_empty(const Stretch& stretch) {
  const auto& [since, until, after, oldest_first] = stretch;
  if ((until && *until < 0) || (since && until && *since > *until)) return true;
  if (!after) return false;
  return oldest_first ? until && after->created_at > *until : since && after->created_at < *since;
}

/// Firestore refuses cursors outside of the range; one before its beginning says nothing.
bool lies_inside(const Position& after, const Stretch& stretch) {
  return stretch.oldest_first ? !stretch.since || after.created_at >= *stretch.since
                              : !stretch.until || after.created_at <= *stretch.until;
}

}  // namespace

std::vector<std::string> index_entries(const nostr::Event& event, Sha256& sha256) {
  std::vector<std::string> entries;
  visit_index_keys(event, sha256, [&](Index index, const Key& key) {
    const auto prefix = key.view().substr(0, key.view().size() - place_bytes);
    std::string entry = entry_of(index, prefix);
    entries.push_back(is_sharded(index) ? shard(entry, shard_of(event.id)) : std::move(entry));
  });
  std::ranges::sort(entries);
  const auto repeated = std::ranges::unique(entries);
  entries.erase(repeated.begin(), repeated.end());
  return entries;
}

std::vector<std::string> index_entries(const Plan& plan) {
  std::vector<std::string> entries;
  for (const Key& prefix : plan.prefixes) {
    const std::string entry = entry_of(plan.index, prefix.view());
    if (!is_sharded(plan.index)) entries.push_back(entry);
    for (int i = 0; is_sharded(plan.index) && i < shard_count; ++i)
      entries.push_back(shard(entry, i));
  }
  return entries;
}

std::optional<v1::StructuredQuery> events_under(const Names& names,
                                                std::span<const std::string> entries,
                                                const Stretch& stretch, std::size_t limit) {
  if (is_empty(stretch)) return std::nullopt;
  Query query(events_collection);
  query.where("i", FieldFilter::ARRAY_CONTAINS_ANY, list(entries, text));
  if (stretch.since && *stretch.since > 0)
    query.where("c", FieldFilter::GREATER_THAN_OR_EQUAL, integer(*stretch.since));
  if (stretch.until) query.where("c", FieldFilter::LESS_THAN_OR_EQUAL, integer(*stretch.until));
  query.order("c", stretch.oldest_first ? ascending : descending)
      .order(name_field, stretch.oldest_first ? descending : ascending);
  if (const auto& after = stretch.after; after && lies_inside(*after, stretch))
    query.behind({integer(after->created_at), reference(names, event_name(after->id))});
  return query.select_event().limit(limit).take();
}

std::optional<v1::StructuredQuery> events_left(const Names& names, const fetched::LeftKey& key,
                                               const std::optional<Position>& after,
                                               std::size_t limit) {
  const bool own = key.covered == fetched::Covered::author;
  const std::string entry = entry_of(own ? Index::author : Index::recipient, key.author.view());
  // A gift wrap's time says nothing, so all of them count.
  const Stretch stretch{.until = own ? std::optional(key.until) : std::nullopt, .after = after};
  return events_under(names, {&entry, 1}, stretch, limit);
}

v1::StructuredQuery events_at(std::span<const std::string> address_keys) {
  return Query(events_collection)
      .where("a", FieldFilter::IN,
             list(address_keys, [](const auto& key) { return text(hex_of(key)); }))
      .select_event()
      .take();
}

v1::StructuredQuery events_expired(base::UnixSeconds now, std::size_t limit) {
  return Query(events_collection)
      .where("h", FieldFilter::IN, all_shards())
      .where("x", FieldFilter::LESS_THAN_OR_EQUAL, integer(now))
      .order("x", ascending)
      .order("s", ascending)
      .select_event()
      .limit(limit)
      .take();
}

v1::StructuredQuery events_behind(Seq after, std::size_t limit) {
  return Query(events_collection)
      .where("h", FieldFilter::IN, all_shards())
      .where("s", FieldFilter::GREATER_THAN, number(after))
      .order("s", ascending)
      .select_event()
      .limit(limit)
      .take();
}

v1::StructuredQuery rows_below(const Names& names, std::string_view prefix,
                               const std::optional<std::string>& after, std::size_t limit) {
  Query query(rows_collection);
  if (after && *after >= prefix && !after->empty())
    query.where(name_field, FieldFilter::GREATER_THAN, reference(names, row_name(*after)));
  else if (!prefix.empty())
    query.where(name_field, FieldFilter::GREATER_THAN_OR_EQUAL, reference(names, row_name(prefix)));
  if (!prefix.empty())
    query.where(name_field, FieldFilter::LESS_THAN,
                reference(names, row_name(prefix) + behind_hex));
  query.order(name_field, ascending);
  return query.limit(limit).take();
}

v1::StructuredQuery all_rows() { return Query(rows_collection).take(); }

v1::StructuredQuery rows_expired(base::UnixSeconds now, std::size_t limit) {
  return Query(rows_collection)
      .where("x", FieldFilter::LESS_THAN_OR_EQUAL, integer(now))
      .order("x", ascending)
      .order(name_field, ascending)
      .select("v")
      .select("x")
      .limit(limit)
      .take();
}

v1::StructuredQuery tombstones_behind(const Names& names, const std::optional<std::string>& after,
                                      std::size_t limit) {
  Query query(tombstones_collection);
  if (after)
    query.where(name_field, FieldFilter::GREATER_THAN, reference(names, tombstone_name(*after)));
  return query.order(name_field, ascending).limit(limit).take();
}

v1::StructuredQuery newest_commit() {
  return Query(commits_collection).order("n", descending).limit(1).take();
}

v1::StructuredQuery commits_behind(std::uint64_t slot) {
  return Query(commits_collection)
      .where("n", FieldFilter::GREATER_THAN, number(slot))
      .order("n", ascending)
      .take();
}

v1::StructuredQuery commits_before(base::UnixSeconds before, std::size_t limit) {
  return Query(commits_collection)
      .where("at", FieldFilter::LESS_THAN, time(before))
      .order("at", ascending)
      .select(name_field)
      .limit(limit)
      .take();
}

}  // namespace store::firestore
