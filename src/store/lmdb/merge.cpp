#include "store/lmdb/merge.h"

#include <algorithm>
#include <array>

namespace store::lmdb {

Merge::Merge(Txn& txn, const Databases& databases, const Plan& plan, const PageRequest& request)
    : txn_(txn), plan_(plan), backwards_(request.oldest_first) {
  const nostr::Filter& filter = request.filter;
  if (filter.until && *filter.until < 0) return;
  if (filter.until) begin_.add_place({.created_at = *filter.until, .id = {}});
  if (filter.since && *filter.since > 0) {
    end_.add_place({.created_at = *filter.since - 1, .id = {}});
  }
  cursors_.reserve(plan.prefixes.size());
  heads_.reserve(plan.prefixes.size());
  for (std::size_t range = 0; range < plan.prefixes.size(); ++range) {
    Cursor& cursor = cursors_.emplace_back(txn, databases.index(plan.index));
    push(range, seek(cursor, plan.prefixes[range], request.after));
  }
}

/// To the first entry of a range; push() sees whether it is one.
bool Merge::seek(Cursor& cursor, const Key& prefix, std::optional<Position> after) const {
  const Key resumed = after ? Key().add_place(*after) : Key();
  if (!backwards_) {
    const Key key = Key(prefix).add(std::max(begin_.view(), resumed.view()));
    const bool found = cursor.seek(key.view());
    const bool is_there = found && resumed.view() >= begin_.view() && cursor.key() == key.view();
    return is_there && after ? cursor.next() : found;
  }
  constexpr std::array<char, place_bytes + 1> behind_all = [] {
    std::array<char, place_bytes + 1> bytes{};
    bytes.fill('\xff');
    return bytes;
  }();
  std::string_view end =
      end_.view().empty() ? std::string_view(behind_all.data(), behind_all.size()) : end_.view();
  if (after) end = std::min(end, resumed.view());
  return cursor.seek_before(Key(prefix).add(end).view());
}

void Merge::push(std::size_t range, bool found) {
  const std::string_view prefix = plan_.prefixes[range].view();
  const std::string_view key = cursors_[range].key();
  if (!found || !key.starts_with(prefix)) return;
  const std::string_view place = key.substr(prefix.size());
  if (place.size() != place_bytes) return txn_.fail_corrupt();
  if (place < begin_.view() || (!end_.view().empty() && place >= end_.view())) return;
  heads_.push_back({.place = place, .range = range});
  std::push_heap(heads_.begin(), heads_.end(), behind());
}

void Merge::advance() {
  std::pop_heap(heads_.begin(), heads_.end(), behind());
  const std::size_t range = heads_.back().range;
  heads_.pop_back();
  push(range, backwards_ ? cursors_[range].prev() : cursors_[range].next());
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
