#pragma once
// What instances on one store tell each other: batches, in the order of commits.
#include <memory>
#include <utility>
#include <vector>

#include "store/store.h"

namespace store::fetched {

using BatchPtr = std::shared_ptr<const CommitBatch>;

/// What others committed, in order, whole.
struct News {
  std::vector<BatchPtr> batches{};
  bool lost_track = false;  ///< CommitBatch::lost_track
  bool more = false;        ///< there is more to read
};

/// `batch`, with what others committed before it.
[[nodiscard]] inline BatchPtr behind(News news, BatchPtr batch) {
  if (news.batches.empty() && !news.lost_track) return batch;
  auto whole = std::make_shared<CommitBatch>(*batch);
  whole->before = std::move(news.batches);
  whole->lost_track = news.lost_track;
  return whole;
}

/// `batch`, of rules that began behind the commit `last`. Ephemeral events alone: to reach other instances they need a
/// commit, and it a number.
[[nodiscard]] inline BatchPtr numbered(BatchPtr batch, Seq last) {
  if (batch->last != last || batch->events.empty()) return batch;
  auto numbered = std::make_shared<CommitBatch>(*batch);
  ++numbered->last;
  return numbered;
}

}  // namespace store::fetched
