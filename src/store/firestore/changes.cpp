#include "store/firestore/changes.h"

#include <algorithm>
#include <chrono>

#include "store/fetched/commit_body.h"
#include "store/fetched/random_token.h"

namespace store::firestore {
namespace {

using fetched::Changes;

std::string body_of(const CommitBatch& batch, const Changes& changes) {
  auto body = fetched::encode_body(batch, [](const StoredEvent&) { return false; });
  if (body.size() <= max_whole_body) return body;
  body = fetched::encode_body(
      batch, [&](const StoredEvent& stored) { return fetched::keeps(changes, stored); });
  if (body.size() > max_body) body.clear();
  return body;
}

std::vector<Vanish> vanishing_behind(const Commit& base, const Changes& changes) {
  std::vector<Vanish> all = base.vanishing;
  std::erase_if(all,
                [&](const Vanish& vanish) { return changes.vanishing.contains(vanish.author); });
  for (const auto& [author, vanish] : changes.vanishing) {
    if (vanish) all.push_back(*vanish);
  }
  return all;
}

base::UnixSeconds clock_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::vector<v1::Write> writes_of(const Changes& changes, const Names& names, Sha256& sha256) {
  std::vector<v1::Write> writes;
  for (const StoredEvent& stored : changes.erased) {
    // One that came again has its document written anew.
    if (!changes.events.at(stored.event->id))
      writes.push_back(erase(names, event_name(stored.event->id)));
  }
  for (const auto& [id, stored] : changes.events) {
    if (stored) writes.push_back(put(event_document(names, *stored, sha256)));
  }
  for (const auto& [key, row] : changes.rows)
    writes.push_back(row.value ? put(row_document(names, row)) : erase(names, row_name(key)));
  for (const auto& [key, until] : changes.tombstones)
    writes.push_back(put(tombstone_document(names, {.key = key, .until = until})));
  return writes;
}

Commit commit_behind(const Commit& base, const CommitBatch& batch, const Changes& changes) {
  Commit commit{.slot = base.slot + 1,
                .last = batch.last,
                .token = fetched::random_token(),
                .at = clock_now(),
                .events = base.events + static_cast<std::uint64_t>(fetched::growth(changes)),
                .vanishing = vanishing_behind(base, changes),
                .body = body_of(batch, changes)};
  for (const StoredEvent& stored : changes.erased) commit.gone.push_back(stored.event->id);
  return commit;
}

}  // namespace store::firestore
