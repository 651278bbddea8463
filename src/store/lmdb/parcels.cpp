#include "store/lmdb/parcels.h"

#include "store/lmdb/ledger.h"
#include "store/lmdb/record.h"
#include "store/lmdb/rows.h"
#include "store/lmdb/vanish.h"

namespace store::lmdb {
namespace {

/// Events come last: a copy that is cut short lacks no tombstone or row of an event that it has.
enum Part : unsigned char { buried_ids, buried_addresses, vanished, requests, rows, events, end };

class Packer {
 public:
  Packer(ReaderPool::Lease& lease, const Databases& databases, std::size_t max_bytes)
      : txn_(lease.txn()), parser_(lease.parser()), databases_(databases), max_bytes_(max_bytes) {}

  /// `after`: [part 1][the last key that is in an earlier parcel].
  Parcel pack(std::string_view after) {
    parcel_.first = after.empty();
    parcel_.last = last_seq(txn_, databases_);
    std::string_view key = parcel_.first ? after : after.substr(1);
    for (unsigned part = parcel_.first ? 0 : static_cast<unsigned char>(after[0]);
         part < end && !parcel_.next; ++part) {
      pack(static_cast<Part>(part), key);
      key = {};
    }
    return std::move(parcel_);
  }

 private:
  void pack(Part part, std::string_view after) {
    std::string last(after);
    Cursor cursor(txn_, database(part));
    for (bool more = cursor.seek(last); more; more = cursor.next()) {
      if (!after.empty() && cursor.key() == after) continue;
      if (bytes_ > 0 && bytes_ >= max_bytes_) {
        parcel_.next = static_cast<char>(part) + last;
        return;
      }
      bytes_ += cursor.key().size() + cursor.value().size();
      last = cursor.key();
      add(part, cursor.key(), cursor.value());
    }
  }

  [[nodiscard]] MDB_dbi database(Part part) const {
    const MDB_dbi each[] = {databases_.buried_ids, databases_.buried_addresses,
                            databases_.vanished,   databases_.vanishing,
                            databases_.rows,       databases_.events};
    return each[part];
  }

  void add(Part part, std::string_view key, std::string_view value) {
    using enum Tombstone::Kind;
    switch (part) {
      case buried_ids:
        return bury(id, key, 0);
      case buried_addresses:
        return bury(address, key, static_cast<base::UnixSeconds>(read_seq(txn_, value)));
      case vanished:
        return bury(author, key, static_cast<base::UnixSeconds>(read_seq(txn_, value)));
      case requests:
        return keep(parcel_.vanishing, read_vanish(txn_, key, value));
      case rows:
        return keep(parcel_.rows, read_row(key, value));
      default:
        return keep(parcel_.events, read_event(key, value));
    }
  }

  void bury(Tombstone::Kind kind, std::string_view key, base::UnixSeconds until) {
    parcel_.tombstones.push_back({kind, std::string(key), until});
  }

  template <typename Thing>
  void keep(std::vector<Thing>& things, std::optional<Thing> thing) {
    if (!thing) return txn_.fail_corrupt();
    things.push_back(*std::move(thing));
  }

  std::optional<StoredEvent> read_event(std::string_view key, std::string_view value) {
    Seq seq = 0;
    const auto record = read_record(value);
    if (!record || key.size() != sizeof seq) return std::nullopt;
    std::memcpy(&seq, key.data(), sizeof seq);
    return parse_record(*record, seq, parser_);
  }

  Txn& txn_;
  nostr::MessageParser& parser_;
  const Databases& databases_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Parcel parcel_{};
};

}  // namespace

Parcel pack(ReaderPool::Lease& lease, const Databases& databases,
            const std::optional<std::string>& after, std::size_t max_bytes) {
  return Packer(lease, databases, max_bytes).pack(after.value_or(std::string()));
}

std::expected<Seq, StoreError> LmdbLedger::unpack(const Parcel& parcel, Seq last) {
  if (auto refusal = refusal_of(parcel, last, is_unfinished(txn_, databases_)))
    return std::unexpected(*std::move(refusal));
  set_unfinished(txn_, databases_, parcel.next.has_value());
  for (const auto& [kind, key, until] : parcel.tombstones) {
    const Key time = Key().add64(static_cast<std::uint64_t>(until));
    using enum Tombstone::Kind;
    if (kind == id) txn_.put(databases_.buried_ids, key, {});
    if (kind == address) txn_.put(databases_.buried_addresses, key, time.view());
    if (kind == author) txn_.put(databases_.vanished, key, time.view());
  }
  for (const Vanish& vanish : parcel.vanishing) begin_vanishing(vanish);
  for (const RowChange& row : parcel.rows) change_row(row);
  for (const StoredEvent& stored : parcel.events) insert(stored);
  return number_with(parcel, last);
}

}  // namespace store::lmdb
