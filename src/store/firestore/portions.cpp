#include "store/firestore/portions.h"

#include <iterator>

namespace store::firestore {
namespace {

constexpr std::size_t max_json_bytes = 600 << 10, max_index_bytes = 5 << 20;
/// Two entries in composite indexes for each tag, and some of every event.
/// https://firebase.google.com/docs/firestore/storage-size#index-entry-size
constexpr std::size_t bytes_per_tag = 400, bytes_per_event = 2500;

std::size_t index_bytes(const nostr::Event& event) {
  std::size_t bytes = bytes_per_event;
  for (const nostr::Tag tag : event.tags) bytes += tag.indexed_letter() ? bytes_per_tag : 0;
  return bytes;
}

/// Without what others did before.
std::shared_ptr<const CommitBatch> own_part(const CommitBatch& batch) {
  auto own = std::make_shared<CommitBatch>(batch);
  own->before.clear();
  own->lost_track = false;
  return own;
}

bool is_empty(const CommitBatch& batch) { return batch.events.empty() && batch.changes.empty(); }

/// Others came in between: what was first goes before them.
void put_before(CommitBatch& batch, const CommitBatch& first) {
  auto before = first.before;
  if (!is_empty(first)) before.push_back(own_part(first));
  std::ranges::move(batch.before, std::back_inserter(before));
  batch.before = std::move(before);
  batch.lost_track = batch.lost_track || first.lost_track;
}

void put_behind(CommitBatch& batch, CommitBatch next) {
  std::ranges::move(next.events, std::back_inserter(batch.events));
  std::ranges::move(next.changes, std::back_inserter(batch.changes));
  batch.last = next.last;
}

}  // namespace

std::size_t portion_of(std::span<const Write> writes, std::size_t max_events) {
  std::size_t count = 0, json = 0, index = 0;
  for (const Write& write : writes) {
    json += write.event->json.size();
    index += index_bytes(*write.event);
    const bool fits = count < max_events && json <= max_json_bytes && index <= max_index_bytes;
    if (!fits && count > 0) break;
    ++count;
  }
  return count;
}

void join(AppendResult& whole, AppendResult next) {
  std::ranges::move(next.results, std::back_inserter(whole.results));
  if (next.batch->before.empty() && !next.batch->lost_track) {
    auto batch = std::make_shared<CommitBatch>(*whole.batch);
    put_behind(*batch, *next.batch);
    whole.batch = std::move(batch);
    return;
  }
  auto batch = std::make_shared<CommitBatch>(*next.batch);
  put_before(*batch, *whole.batch);
  whole.batch = std::move(batch);
}

}  // namespace store::firestore
