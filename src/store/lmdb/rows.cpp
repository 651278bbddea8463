#include "store/lmdb/rows.h"

#include <algorithm>
#include <limits>

namespace store::lmdb {
namespace {

constexpr std::size_t time_bytes = 8;
constexpr base::UnixSeconds never = std::numeric_limits<base::UnixSeconds>::max();

/// [expires_at 8][value …] in `rows`, [expires_at 8][key …] in `row_expiry`.
std::string behind_time(base::UnixSeconds expires_at, std::string_view rest) {
  std::string bytes(Key().add64(static_cast<std::uint64_t>(expires_at)).view());
  return bytes.append(rest);
}

/// What stands behind the time.
std::string_view rest_of(Txn& txn, std::string_view bytes) {
  if (bytes.size() >= time_bytes) return bytes.substr(time_bytes);
  txn.fail_corrupt();
  return {};
}

void drop_expiry(Txn& txn, const Databases& databases, std::string_view key) {
  const auto bytes = txn.get(databases.rows, key);
  if (!bytes) return;
  if (bytes->size() < time_bytes) return txn.fail_corrupt();
  const auto expires_at = static_cast<base::UnixSeconds>(read64(*bytes));
  if (expires_at != never) txn.erase(databases.row_expiry, behind_time(expires_at, key));
}

}  // namespace

std::optional<std::string_view> get_row(Txn& txn, const Databases& databases,
                                        std::string_view key) {
  const auto bytes = txn.get(databases.rows, key);
  if (!bytes) return std::nullopt;
  return rest_of(txn, *bytes);
}

void change_row(Txn& txn, const Databases& databases, const RowChange& change) {
  drop_expiry(txn, databases, change.key);
  if (!change.value) return txn.erase(databases.rows, change.key);
  txn.put(databases.rows, change.key,
          behind_time(change.expires_at.value_or(never), *change.value));
  if (change.expires_at) {
    txn.put(databases.row_expiry, behind_time(*change.expires_at, change.key), {});
  }
}

std::optional<RowChange> read_row(std::string_view key, std::string_view bytes) {
  if (bytes.size() < time_bytes) return std::nullopt;
  const auto expires_at = static_cast<base::UnixSeconds>(read64(bytes));
  return RowChange{.key = std::string(key),
                   .value = std::string(bytes.substr(time_bytes)),
                   .expires_at = expires_at == never ? std::nullopt : std::optional(expires_at)};
}

RowPage scan_rows(Txn& txn, const Databases& databases, std::string_view prefix,
                  const std::optional<std::string>& after, std::size_t max) {
  RowPage page;
  page.snapshot = last_seq(txn, databases);
  const bool resumes = after && *after >= prefix;
  Cursor cursor(txn, databases.rows);
  for (bool more = cursor.seek(resumes ? *after : prefix); more && cursor.key().starts_with(prefix);
       more = cursor.next()) {
    if (resumes && cursor.key() <= *after) continue;
    if (page.rows.size() == std::max<std::size_t>(1, max)) {
      page.next = page.rows.back().key;
      break;
    }
    page.rows.push_back({std::string(cursor.key()), std::string(rest_of(txn, cursor.value()))});
  }
  return page;
}

std::vector<std::string> rows_expired_by(Txn& txn, const Databases& databases,
                                         base::UnixSeconds now, std::size_t max) {
  std::vector<std::string> keys;
  Cursor cursor(txn, databases.row_expiry);
  const Key end = Key().add64(static_cast<std::uint64_t>(now) + 1);
  for (bool more = cursor.first(); more && keys.size() < max && cursor.key() < end.view();
       more = cursor.next()) {
    keys.emplace_back(rest_of(txn, cursor.key()));
  }
  return keys;
}

}  // namespace store::lmdb
