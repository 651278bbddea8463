#include "store/rules.h"

#include <utility>

#include "store/commit.h"

namespace store {

AppendResult append_writes(Ledger& ledger, Seq last, std::span<const Write> writes,
                           const Stager& stager) {
  Commit commit(ledger, last, stager);
  AppendResult result;
  result.results.reserve(writes.size());
  for (const Write& write : writes) result.results.push_back(commit.append(write));
  result.batch = commit.finish();
  return result;
}

Store::PerformedAll run_operations(Ledger& ledger, Seq last,
                                   std::span<const Operation* const> operations,
                                   base::UnixSeconds now, const Stager& stager) {
  Commit commit(ledger, last, stager);
  Store::PerformedAll result;
  result.outcomes.reserve(operations.size());
  for (const Operation* operation : operations)
    result.outcomes.push_back(commit.perform(*operation, now));
  result.batch = commit.finish();
  return result;
}

Store::Purged purge(Ledger& ledger, Seq last, base::UnixSeconds now, std::size_t max,
                    const Stager& stager) {
  Commit commit(ledger, last, stager);
  std::size_t removed = commit.purge_events(now, max);
  removed += commit.purge_rows(now, max - removed);
  removed += commit.purge_vanishing(max - removed);
  return {.removed = removed, .batch = commit.finish()};
}

}  // namespace store
