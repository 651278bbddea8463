#pragma once
// What a commit becomes in Firestore. Pure, but for its token and its time.
#include <vector>

#include "store/fetched/batches.h"
#include "store/fetched/facts.h"
#include "store/firestore/documents.h"

namespace store::firestore {

/// The writes that carry a commit's changes out, each document once.
[[nodiscard]] std::vector<v1::Write> writes_of(const fetched::Changes& changes, const Names& names,
                                               Sha256& sha256);

/// The commit behind `base` that tells of them. Events go along whole while the body stays below this size, beyond it by their
/// numbers. Without a body when even that is too much for a document: whoever follows has lost track there.
inline constexpr std::size_t max_whole_body = 700 << 10, max_body = 800 << 10;
[[nodiscard]] Commit commit_behind(const Commit& base, const CommitBatch& batch,
                                   const fetched::Changes& changes);

}  // namespace store::firestore
