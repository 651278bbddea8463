#pragma once
#include "store/lmdb/reader_pool.h"
#include "store/store.h"

namespace store::lmdb {

/// Answers one page from one snapshot. Errors stay with the lease's transaction (Txn::status).
[[nodiscard]] Page run_query(ReaderPool::Lease& lease, const Databases& databases,
                             const PageRequest& request);

}  // namespace store::lmdb
