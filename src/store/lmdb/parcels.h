#pragma once
#include <optional>
#include <string>

#include "store/lmdb/reader_pool.h"
#include "store/parcel.h"

namespace store::lmdb {

/// One parcel, as Store::dump() says; the database's keys in their order, one database after the
/// other. Errors stay with the lease's transaction.
[[nodiscard]] Parcel pack(ReaderPool::Lease& lease, const Databases& databases,
                          const std::optional<std::string>& after, std::size_t max_bytes);

}  // namespace store::lmdb
