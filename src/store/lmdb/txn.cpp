#include "store/lmdb/txn.h"

namespace store::lmdb {
namespace {

constexpr std::string_view last_seq_key = "last_seq";
constexpr std::string_view unfinished_key = "unfinished";
constexpr std::size_t max_key_bytes = 511;  // fixed when Debian's LMDB is built

MDB_val val(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB never writes through it
}

MDB_val val(const Seq& seq) { return {sizeof seq, const_cast<Seq*>(&seq)}; }

std::string_view view(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

bool fits(std::string_view key) { return !key.empty() && key.size() <= max_key_bytes; }

}  // namespace

bool Txn::note(int rc) {
  if (rc == MDB_SUCCESS) return true;
  if (rc != MDB_NOTFOUND && status_ == 0) status_ = rc;
  return false;
}

std::optional<std::string_view> Txn::get(MDB_dbi dbi, std::string_view key) {
  if (status_ != 0 || !fits(key)) return std::nullopt;
  MDB_val raw_key = val(key), value;
  if (!note(mdb_get(txn_, dbi, &raw_key, &value))) return std::nullopt;
  return view(value);
}

void Txn::put(MDB_dbi dbi, std::string_view key, std::string_view value) {
  if (status_ != 0) return;
  MDB_val raw_key = val(key), raw_value = val(value);
  note(mdb_put(txn_, dbi, &raw_key, &raw_value, 0));
}

void Txn::erase(MDB_dbi dbi, std::string_view key) {
  if (status_ != 0 || !fits(key)) return;
  MDB_val raw_key = val(key);
  note(mdb_del(txn_, dbi, &raw_key, nullptr));
}

std::optional<std::string_view> Txn::get(MDB_dbi dbi, Seq seq) {
  if (status_ != 0) return std::nullopt;
  MDB_val raw_key = val(seq), value;
  if (!note(mdb_get(txn_, dbi, &raw_key, &value))) return std::nullopt;
  return view(value);
}

std::span<char> Txn::append(MDB_dbi dbi, Seq seq, std::size_t bytes) {
  if (status_ != 0) return {};
  MDB_val raw_key = val(seq), value{bytes, nullptr};
  if (!note(mdb_put(txn_, dbi, &raw_key, &value, MDB_RESERVE | MDB_APPEND))) return {};
  return {static_cast<char*>(value.mv_data), value.mv_size};
}

void Txn::erase(MDB_dbi dbi, Seq seq) {
  if (status_ != 0) return;
  MDB_val raw_key = val(seq);
  note(mdb_del(txn_, dbi, &raw_key, nullptr));
}

std::size_t Txn::entries(MDB_dbi dbi) {
  MDB_stat stat{};
  if (status_ == 0) note(mdb_stat(txn_, dbi, &stat));
  return stat.ms_entries;
}

Cursor::Cursor(Txn& txn, MDB_dbi dbi) : txn_(&txn), cursor_(nullptr, mdb_cursor_close) {
  if (txn.status_ != 0) return;
  MDB_cursor* cursor = nullptr;
  if (txn.note(mdb_cursor_open(txn.txn_, dbi, &cursor))) cursor_.reset(cursor);
}

bool Cursor::seek(std::string_view key) {
  if (key.empty()) return first();
  key_ = key.substr(0, max_key_bytes);
  return move(MDB_SET_RANGE);
}

bool Cursor::move(MDB_cursor_op operation) {
  if (txn_->status_ != 0) return false;
  MDB_val raw_key = val(key_), value;
  if (!txn_->note(mdb_cursor_get(cursor_.get(), &raw_key, &value, operation))) return false;
  key_ = view(raw_key);
  value_ = view(value);
  return true;
}

std::uint64_t format_of(Txn& txn, const Databases& databases) {
  const auto value = txn.get(databases.meta, format_key);
  return value && value->size() == sizeof(std::uint64_t) ? read64(*value) : 0;
}

bool is_unfinished(Txn& txn, const Databases& databases) {
  return txn.get(databases.meta, unfinished_key).has_value();
}

void set_unfinished(Txn& txn, const Databases& databases, bool unfinished) {
  if (unfinished) return txn.put(databases.meta, unfinished_key, {});
  txn.erase(databases.meta, unfinished_key);
}

Seq last_seq(Txn& txn, const Databases& databases) {
  const auto value = txn.get(databases.meta, last_seq_key);
  return value ? read_seq(txn, *value) : 0;
}

void set_last_seq(Txn& txn, const Databases& databases, Seq last) {
  txn.put(databases.meta, last_seq_key, Key().add64(last).view());
}

}  // namespace store::lmdb
