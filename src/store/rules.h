#pragma once
#include <span>

#include "store/ledger.h"
#include "store/operation.h"
#include "store/stager.h"
#include "store/store.h"

// What appending, performing and purging mean, the same for every store that can open a Ledger.
//
// Numbers: each stored event takes the next sequence number; a commit that stores none but changes
// something takes one. So `batch->last == last` exactly when nothing was changed and there is
// nothing to commit.
namespace store {

/// Applies `writes` in order; `last` is the newest sequence number so far.
/// For each: what expired by its arrival (or vanishes) and stands in its way is erased; stage; then duplicate,
/// deletion and replacement checks; then, in this order, the changes of stage(), the erasure of what
/// it replaces, deletes or makes vanish (each stage_erase() sees the rows as they are by then), the
/// event itself.
/// A refused, duplicate, deleted or stale write leaves no trace of itself.
[[nodiscard]] AppendResult append_writes(Ledger& ledger, Seq last, std::span<const Write> writes,
                                         const Stager& stager);

/// Runs the operations and carries out their effects, as Store::perform_all() says. What expired by `now`
/// or vanishes is not here for a pick.
[[nodiscard]] Store::PerformedAll run_operations(Ledger& ledger, Seq last,
                                                 std::span<const Operation* const> operations,
                                                 base::UnixSeconds now, const Stager& stager);

/// Removes up to `max` things in this order: events that expired by `now`, with their rows; rows that
/// did; what unfinished requests to vanish cover.
[[nodiscard]] Store::Purged purge(Ledger& ledger, Seq last, base::UnixSeconds now, std::size_t max,
                                  const Stager& stager);

}  // namespace store
