#include "store/lmdb/merge.h"

#include <algorithm>

namespace store::lmdb {
namespace {

/// Where to begin: behind `after`, but not before `until`.
struct Start {
  Key place;
  bool behind = false;  // not at this place itself
};

Start start_of(const nostr::Filter& filter, const std::optional<Position>& after) {
  Start start;
  if (filter.until) start.place.add_place({.created_at = *filter.until, .id = {}});
  if (!after) return start;
  const Key resumed = Key().add_place(*after);
  if (resumed.view() < start.place.view()) return start;
  return {.place = resumed, .behind = true};
}

}  // namespace

Merge::Merge(Txn& txn, const Databases& databases, const Plan& plan, const nostr::Filter& filter,
             const std::optional<Position>& after)
    : txn_(txn), plan_(plan) {
  if (filter.until && *filter.until < 0) return;
  if (filter.since && *filter.since > 0) {
    end_.add_place({.created_at = *filter.since - 1, .id = {}});
  }
  const Start start = start_of(filter, after);
  cursors_.reserve(plan.prefixes.size());
  heads_.reserve(plan.prefixes.size());
  for (std::size_t range = 0; range < plan.prefixes.size(); ++range) {
    cursors_.emplace_back(txn, databases.index(plan.index));
    open(plan.prefixes[range], range, start.place.view(), start.behind);
  }
}

void Merge::open(const Key& prefix, std::size_t range, std::string_view start, bool strictly) {
  const Key key = Key(prefix).add(start);
  Cursor& cursor = cursors_[range];
  bool found = cursor.seek(key.view());
  if (found && strictly && cursor.key() == key.view()) found = cursor.next();
  push(range, found);
}

void Merge::push(std::size_t range, bool found) {
  const std::string_view prefix = plan_.prefixes[range].view();
  const std::string_view key = cursors_[range].key();
  if (!found || !key.starts_with(prefix)) return;
  const std::string_view place = key.substr(prefix.size());
  if (place.size() != place_bytes) return txn_.fail_corrupt();
  if (!end_.view().empty() && place >= end_.view()) return;
  heads_.push_back({.place = place, .range = range});
  std::push_heap(heads_.begin(), heads_.end(), behind);
}

void Merge::advance() {
  std::pop_heap(heads_.begin(), heads_.end(), behind);
  const std::size_t range = heads_.back().range;
  heads_.pop_back();
  push(range, cursors_[range].next());
}

std::optional<Entry> Merge::next() {
  if (heads_.empty()) return std::nullopt;
  const Head& head = heads_.front();
  const Entry entry{.place = head.place, .seq = read_seq(txn_, cursors_[head.range].value())};
  // Several tag values can lead to one event.
  while (!heads_.empty() && heads_.front().place == entry.place) advance();
  return entry;
}

}  // namespace store::lmdb
