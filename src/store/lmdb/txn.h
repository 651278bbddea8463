#pragma once
#include <lmdb.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "store/keys.h"

namespace store::lmdb {

/// The handles of the named databases (docs/format/lmdb.md).
struct Databases {
  MDB_dbi events, ids, addresses, buried_ids, buried_addresses, expiry, vanished, vanishing;
  MDB_dbi rows, row_expiry, meta;
  std::array<MDB_dbi, index_count> indexes;

  [[nodiscard]] MDB_dbi index(Index which) const {
    return indexes[static_cast<std::size_t>(which)];
  }
};

/// A transaction whose first error sticks: from then on reads answer "not there" and writes do
/// nothing, so that callers look at status() once, at the end. Views point into the map: valid
/// until the next write, or the transaction's end.
class Txn {
 public:
  /// Borrows `txn`; WriteTxn and ReaderPool own.
  explicit Txn(MDB_txn* txn) : txn_(txn) {}

  [[nodiscard]] std::optional<std::string_view> get(MDB_dbi dbi, std::string_view key);
  void put(MDB_dbi dbi, std::string_view key, std::string_view value);
  void erase(MDB_dbi dbi, std::string_view key);

  // `events` is keyed by number.
  [[nodiscard]] std::optional<std::string_view> get(MDB_dbi dbi, Seq seq);
  /// Room for a value at the end of the database, to be filled before the next call; empty after an
  /// error.
  [[nodiscard]] std::span<char> append(MDB_dbi dbi, Seq seq, std::size_t bytes);
  void erase(MDB_dbi dbi, Seq seq);

  [[nodiscard]] std::size_t entries(MDB_dbi dbi);

  /// 0, or LMDB's or the system's code of the first error.
  [[nodiscard]] int status() const { return status_; }
  /// Stored bytes contradict each other.
  void fail_corrupt() { note(MDB_CORRUPTED); }

 private:
  friend class Cursor;
  /// True for success; "not found" is neither success nor an error.
  bool note(int rc);

  MDB_txn* txn_;
  int status_ = 0;
};

/// Walks a database in key order. Outlived by its transaction.
class Cursor {
 public:
  Cursor(Txn& txn, MDB_dbi dbi);

  // True if there is such an entry; then key() and value() are its bytes.
  bool first() { return move(MDB_FIRST); }
  bool last() { return move(MDB_LAST); }
  bool next() { return move(MDB_NEXT); }
  bool prev() { return move(MDB_PREV); }
  /// The first entry whose key is not less. Empty keys are fine here, LMDB knows none.
  bool seek(std::string_view key);
  /// The last entry whose key is less.
  bool seek_before(std::string_view key) { return seek(key) ? prev() : last(); }

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] std::string_view value() const { return value_; }

 private:
  bool move(MDB_cursor_op operation);

  Txn* txn_;
  std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> cursor_;
  std::string_view key_, value_;
};

[[nodiscard]] inline Seq read_seq(Txn& txn, std::string_view value) {
  if (value.size() == sizeof(Seq)) return read64(value);
  txn.fail_corrupt();
  return 0;
}

inline constexpr std::string_view format_key = "format";
/// The format that the database says it has; 0 when it says none.
[[nodiscard]] std::uint64_t format_of(Txn& txn, const Databases& databases);

/// Is there only a part of a copy (Store::load)?
[[nodiscard]] bool is_unfinished(Txn& txn, const Databases& databases);
void set_unfinished(Txn& txn, const Databases& databases, bool unfinished);

/// The sequence number of the newest commit that `txn` sees.
[[nodiscard]] Seq last_seq(Txn& txn, const Databases& databases);
void set_last_seq(Txn& txn, const Databases& databases, Seq last);

}  // namespace store::lmdb
