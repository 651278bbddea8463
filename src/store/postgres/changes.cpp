#include "store/postgres/changes.h"

#include <algorithm>

namespace store::postgres {
namespace {

using fetched::Changes;

constexpr const char* delete_tags =
    "DELETE FROM event_tags t USING unnest($1::bytea[], $2::bytea[]) AS gone (tag, place) "
    "WHERE t.tag = gone.tag AND t.place = gone.place";
constexpr const char* delete_events = "DELETE FROM events WHERE seq = ANY($1)";
constexpr const char* insert_events =
    "INSERT INTO events (seq, id, place, pubkey, kind, address, mark, expires_at, json) "
    "SELECT * FROM unnest($1::int8[], $2::bytea[], $3::bytea[], $4::bytea[], $5::int4[], "
    "$6::bytea[], $7::int2[], $8::int8[], $9::bytea[])";
constexpr const char* insert_tags =
    "INSERT INTO event_tags (tag, place, seq) "
    "SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::int8[]) ON CONFLICT DO NOTHING";
constexpr const char* delete_rows = "DELETE FROM extension_rows WHERE key = ANY($1)";
constexpr const char* put_rows =
    "INSERT INTO extension_rows (key, value, expires_at) "
    "SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::int8[]) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at";
constexpr const char* put_tombstones =
    "INSERT INTO tombstones (key, until) SELECT * FROM unnest($1::bytea[], $2::int8[]) "
    "ON CONFLICT (key) DO UPDATE SET until = excluded.until";
constexpr const char* delete_vanishing = "DELETE FROM vanishing WHERE author = ANY($1)";
constexpr const char* put_vanishing =
    "INSERT INTO vanishing (author, until, place, seq) "
    "SELECT * FROM unnest($1::bytea[], $2::int8[], $3::bytea[], $4::int8[]) "
    "ON CONFLICT (author) DO UPDATE SET until = excluded.until, place = excluded.place, "
    "seq = excluded.seq";

/// What event_tags holds of some events: tags by their hash, recipients of gift wraps by their key.
class TagEntries {
 public:
  void add(const StoredEvent& stored, Sha256& sha256) {
    visit_index_keys(*stored.event, sha256, [&](Index index, const Key& key) {
      if (index != Index::tag && index != Index::recipient) return;
      keys_.push_back(key);
      seqs_.push_back(static_cast<std::int64_t>(stored.seq));
    });
  }
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] Params names() const {
    Params params;
    params.add_byteas(
        parts([](std::string_view key) { return key.substr(0, key.size() - place_bytes); }));
    params.add_byteas(
        parts([](std::string_view key) { return key.substr(key.size() - place_bytes); }));
    return params;
  }
  [[nodiscard]] Params rows() const {
    Params params = names();
    params.add_int8s(seqs_);
    return params;
  }

 private:
  template <typename Part>
  [[nodiscard]] std::vector<std::string_view> parts(const Part& part) const {
    std::vector<std::string_view> all;
    for (const Key& key : keys_) all.push_back(part(key.view()));
    return all;
  }

  std::vector<Key> keys_;
  std::vector<std::int64_t> seqs_;
};

std::vector<const StoredEvent*> inserted(const Changes& changes) {
  std::vector<const StoredEvent*> events;
  for (const auto& [id, stored] : changes.events) {
    if (stored) events.push_back(&*stored);
  }
  std::ranges::sort(events, {}, &StoredEvent::seq);
  return events;
}

void erase_events(std::vector<Call>& calls, const Changes& changes, Sha256& sha256) {
  if (changes.erased.empty()) return;
  TagEntries tags;
  std::vector<std::int64_t> seqs;
  for (const StoredEvent& stored : changes.erased) {
    tags.add(stored, sha256);
    seqs.push_back(static_cast<std::int64_t>(stored.seq));
  }
  if (!tags.empty()) calls.push_back({.sql = delete_tags, .params = tags.names()});
  Params params;
  params.add_int8s(seqs);
  calls.push_back({.sql = delete_events, .params = std::move(params)});
}

/// The columns of `events`, one array each.
Params columns_of(const std::vector<const StoredEvent*>& events, Sha256& sha256) {
  std::vector<std::int64_t> seqs;
  std::vector<std::int32_t> kinds;
  std::vector<std::int16_t> marks;
  std::vector<std::optional<std::int64_t>> expiries;
  std::vector<std::string_view> ids, places, authors, jsons;
  std::vector<std::optional<std::string_view>> addresses;
  std::vector<Key> place_keys, address_keys;
  place_keys.reserve(events.size());  // views into them must stay
  address_keys.reserve(events.size());
  for (const StoredEvent* stored : events) {
    const nostr::Event& event = *stored->event;
    const auto address = nostr::address_of(event);
    seqs.push_back(static_cast<std::int64_t>(stored->seq));
    kinds.push_back(event.kind);
    marks.push_back(stored->mark);
    expiries.push_back(stored->expires_at);
    ids.push_back(event.id.view());
    authors.push_back(event.pubkey.view());
    jsons.push_back(event.json);
    places.push_back(
        place_keys.emplace_back(Key().add_place({.created_at = event.created_at, .id = event.id}))
            .view());
    addresses.push_back(
        address ? std::optional(address_keys.emplace_back(address_key(*address, sha256)).view())
                : std::nullopt);
  }
  Params params;
  params.add_int8s(seqs);
  params.add_byteas(ids);
  params.add_byteas(places);
  params.add_byteas(authors);
  params.add_int4s(kinds);
  params.add_byteas(addresses);
  params.add_int2s(marks);
  params.add_int8s(expiries);
  params.add_byteas(jsons);
  return params;
}

void insert(std::vector<Call>& calls, const std::vector<const StoredEvent*>& events,
            Sha256& sha256) {
  if (events.empty()) return;
  calls.push_back({.sql = insert_events, .params = columns_of(events, sha256)});
  TagEntries tags;
  for (const StoredEvent* stored : events) tags.add(*stored, sha256);
  if (!tags.empty()) calls.push_back({.sql = insert_tags, .params = tags.rows()});
}

void change_rows(std::vector<Call>& calls, const Changes& changes) {
  std::vector<std::string_view> gone, keys, values;
  std::vector<std::optional<std::int64_t>> expiries;
  for (const auto& [key, change] : changes.rows) {
    if (!change.value) {
      gone.push_back(key);
      continue;
    }
    keys.push_back(key);
    values.push_back(*change.value);
    expiries.push_back(change.expires_at);
  }
  if (!gone.empty()) {
    calls.push_back({.sql = delete_rows});
    calls.back().params.add_byteas(gone);
  }
  if (keys.empty()) return;
  calls.push_back({.sql = put_rows});
  calls.back().params.add_byteas(keys);
  calls.back().params.add_byteas(values);
  calls.back().params.add_int8s(expiries);
}

void bury(std::vector<Call>& calls, const Changes& changes) {
  if (changes.tombstones.empty()) return;
  std::vector<std::string_view> keys;
  std::vector<std::int64_t> times;
  for (const auto& [key, until] : changes.tombstones) {
    keys.push_back(key);
    times.push_back(until);
  }
  calls.push_back({.sql = put_tombstones});
  calls.back().params.add_byteas(keys);
  calls.back().params.add_int8s(times);
}

void change_vanishing(std::vector<Call>& calls, const Changes& changes) {
  std::vector<std::string_view> ended, authors, places;
  std::vector<std::int64_t> times, seqs;
  std::vector<Key> place_keys;
  place_keys.reserve(changes.vanishing.size());
  for (const auto& [author, vanish] : changes.vanishing) {
    if (!vanish) {
      ended.push_back(author.view());
      continue;
    }
    authors.push_back(author.view());
    times.push_back(vanish->until);
    places.push_back(
        place_keys.emplace_back(Key().add_place({.created_at = vanish->until, .id = {}})).view());
    seqs.push_back(static_cast<std::int64_t>(vanish->seq));
  }
  if (!ended.empty()) {
    calls.push_back({.sql = delete_vanishing});
    calls.back().params.add_byteas(ended);
  }
  if (authors.empty()) return;
  calls.push_back({.sql = put_vanishing});
  Params& params = calls.back().params;
  params.add_byteas(authors);
  params.add_int8s(times);
  params.add_byteas(places);
  params.add_int8s(seqs);
}

}  // namespace

std::vector<Call> calls_of(const Changes& changes, Sha256& sha256) {
  std::vector<Call> calls;
  erase_events(calls, changes, sha256);
  insert(calls, inserted(changes), sha256);
  change_rows(calls, changes);
  bury(calls, changes);
  change_vanishing(calls, changes);
  return calls;
}

}  // namespace store::postgres
