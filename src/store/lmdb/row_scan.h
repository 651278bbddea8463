#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "store/lmdb/txn.h"
#include "store/rows.h"

namespace store::lmdb {

/// One page of rows, as RowReader::scan_rows() says. Errors stay with the transaction.
[[nodiscard]] RowPage scan_rows(Txn& txn, const Databases& databases, std::string_view prefix,
                                const std::optional<std::string>& after, std::size_t max);

}  // namespace store::lmdb
