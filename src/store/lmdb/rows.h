#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "store/lmdb/txn.h"
#include "store/rows.h"

// The rows of extensions and their expiry (docs/format/lmdb.md). Errors stay with the transaction.
namespace store::lmdb {

/// Valid until the next write.
[[nodiscard]] std::optional<std::string_view> get_row(Txn& txn, const Databases& databases,
                                                      std::string_view key);
void change_row(Txn& txn, const Databases& databases, const RowChange& change);

/// One entry of `rows`.
[[nodiscard]] std::optional<RowChange> read_row(std::string_view key, std::string_view bytes);

/// One page of rows, as RowReader::scan_rows() says.
[[nodiscard]] RowPage scan_rows(Txn& txn, const Databases& databases, std::string_view prefix,
                                const std::optional<std::string>& after, std::size_t max);

/// As Ledger::rows_expired_by() says.
[[nodiscard]] std::vector<std::string> rows_expired_by(Txn& txn, const Databases& databases,
                                                       base::UnixSeconds now, std::size_t max);

}  // namespace store::lmdb
