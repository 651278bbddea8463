#include "store/lmdb/ledger.h"

#include <limits>

#include "store/lmdb/record.h"
#include "store/lmdb/rows.h"
#include "store/lmdb/vanish.h"
#include "store/query_order.h"

namespace store::lmdb {

std::optional<std::string_view> LmdbLedger::row(std::string_view key) {
  return get_row(txn_, databases_, key);
}

std::vector<Row> LmdbLedger::rows_below(std::string_view prefix) {
  constexpr auto all = std::numeric_limits<std::size_t>::max();
  return scan_rows(txn_, databases_, prefix, std::nullopt, all).rows;
}

void LmdbLedger::change_row(const RowChange& change) { lmdb::change_row(txn_, databases_, change); }

std::vector<std::string> LmdbLedger::rows_expired_by(base::UnixSeconds now, std::size_t max) {
  return lmdb::rows_expired_by(txn_, databases_, now, max);
}

bool LmdbLedger::contains(const nostr::EventId& id) {
  return txn_.get(databases_.ids, id.view()).has_value();
}

std::optional<StoredEvent> LmdbLedger::find(const nostr::EventId& id) {
  const auto seq = txn_.get(databases_.ids, id.view());
  if (!seq) return std::nullopt;
  return load(read_seq(txn_, *seq));
}

std::optional<StoredEvent> LmdbLedger::load(Seq seq) {
  if (const auto bytes = txn_.get(databases_.events, seq)) {
    if (const auto record = read_record(*bytes)) {
      if (auto stored = parse_record(*record, seq, parser_)) return stored;
    }
  }
  txn_.fail_corrupt();
  return std::nullopt;
}

std::optional<Position> LmdbLedger::occupant(const nostr::Address& address) {
  const auto place = txn_.get(databases_.addresses, address_key(address, sha256_).view());
  if (!place) return std::nullopt;
  if (place->size() == place_bytes) return read_place(*place);
  txn_.fail_corrupt();
  return std::nullopt;
}

void LmdbLedger::insert(const StoredEvent& stored) {
  const nostr::Event& event = *stored.event;
  const Key seq = Key().add64(stored.seq);
  const auto room = txn_.append(databases_.events, stored.seq, record_size(stored));
  if (!room.empty()) write_record(stored, room);
  txn_.put(databases_.ids, event.id.view(), seq.view());
  visit_index_keys(event, sha256_, [&](Index index, const Key& key) {
    txn_.put(databases_.index(index), key.view(), seq.view());
  });
  if (stored.expires_at) {
    txn_.put(databases_.expiry, expiry_key(*stored.expires_at, stored.seq).view(), {});
  }
  if (const auto address = nostr::address_of(event)) {
    txn_.put(databases_.addresses, address_key(*address, sha256_).view(),
             Key().add_place(position_of(event)).view());
  }
}

void LmdbLedger::erase(const StoredEvent& stored) {
  const nostr::Event& event = *stored.event;
  txn_.erase(databases_.events, stored.seq);
  txn_.erase(databases_.ids, event.id.view());
  visit_index_keys(event, sha256_, [&](Index index, const Key& key) {
    txn_.erase(databases_.index(index), key.view());
  });
  if (stored.expires_at) {
    txn_.erase(databases_.expiry, expiry_key(*stored.expires_at, stored.seq).view());
  }
  if (const auto address = nostr::address_of(event)) {
    txn_.erase(databases_.addresses, address_key(*address, sha256_).view());
  }
}

std::vector<StoredEvent> LmdbLedger::expired_by(base::UnixSeconds now, std::size_t max) {
  std::vector<StoredEvent> found;
  Cursor cursor(txn_, databases_.expiry);
  const Key end = Key().add64(static_cast<std::uint64_t>(now) + 1);
  for (bool more = cursor.first(); more && found.size() < max && cursor.key() < end.view();
       more = cursor.next()) {
    if (auto stored = load(read64(cursor.key().substr(8)))) found.push_back(*std::move(stored));
  }
  return found;
}

bool LmdbLedger::is_buried(const nostr::EventId& id, const nostr::PublicKey& signer) {
  return txn_.get(databases_.buried_ids, buried_key(id, signer).view()).has_value();
}

void LmdbLedger::bury(const nostr::EventId& id, const nostr::PublicKey& signer) {
  txn_.put(databases_.buried_ids, buried_key(id, signer).view(), {});
}

std::optional<base::UnixSeconds> LmdbLedger::buried_until(const nostr::Address& address) {
  const auto value = txn_.get(databases_.buried_addresses, address_key(address, sha256_).view());
  if (!value) return std::nullopt;
  return static_cast<base::UnixSeconds>(read_seq(txn_, *value));
}

void LmdbLedger::bury_until(const nostr::Address& address, base::UnixSeconds until) {
  txn_.put(databases_.buried_addresses, address_key(address, sha256_).view(),
           Key().add64(static_cast<std::uint64_t>(until)).view());
}

std::optional<base::UnixSeconds> LmdbLedger::vanished_until(const nostr::PublicKey& author) {
  const auto value = txn_.get(databases_.vanished, author.view());
  if (!value) return std::nullopt;
  return static_cast<base::UnixSeconds>(read_seq(txn_, *value));
}

void LmdbLedger::vanish_until(const nostr::PublicKey& author, base::UnixSeconds until) {
  txn_.put(databases_.vanished, author.view(),
           Key().add64(static_cast<std::uint64_t>(until)).view());
}

std::optional<Vanish> LmdbLedger::vanishing(const nostr::PublicKey& author) {
  return lmdb::vanishing(txn_, databases_, author);
}

std::optional<Vanish> LmdbLedger::next_vanishing() {
  return lmdb::next_vanishing(txn_, databases_);
}

void LmdbLedger::begin_vanishing(const Vanish& vanish) { put_vanishing(txn_, databases_, vanish); }

void LmdbLedger::end_vanishing(const nostr::PublicKey& author) {
  txn_.erase(databases_.vanishing, author.view());
}

std::vector<StoredEvent> LmdbLedger::left_of(const Vanish& vanish, std::size_t max) {
  std::vector<StoredEvent> found;
  for (const Seq seq : lmdb::left_of(txn_, databases_, vanish, max)) {
    if (auto stored = load(seq)) found.push_back(*std::move(stored));
  }
  return found;
}

}  // namespace store::lmdb
