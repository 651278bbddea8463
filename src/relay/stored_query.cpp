#include "relay/stored_query.h"

#include <algorithm>

#include "store/query_order.h"

namespace relay {

using store::position_of;

StoredQuery::StoredQuery(const Visibility& visibility, const std::vector<nostr::Filter>& filters,
                         Cut cut, std::vector<VisibleEvent> besides)
    : visibility_(visibility),
      ranked_(visibility),
      besides_(std::make_move_iterator(besides.begin()), std::make_move_iterator(besides.end())),
      snapshot_(visibility.up_to()) {
  for (const auto& filter : filters) {
    const auto wanted = std::min(filter.limit.value_or(cut.by_default), cut.at_most);
    if (filter.matches_nothing()) continue;
    complete_ = complete_ && wanted > 0;
    if (wanted == 0) continue;
    if (filter.searches())
      ranked_.add(filter, wanted);
    else
      streams_.push_back({&filter, wanted});
  }
}

void StoredQuery::read_upwards(const std::optional<store::Position>& after) {
  oldest_first_ = true;
  for (Stream& stream : streams_) stream.resume = after;
}

bool StoredQuery::comes_before(const store::Position& a, const store::Position& b) const {
  return oldest_first_ ? store::QueryOrder{}(b, a) : store::QueryOrder{}(a, b);
}

std::optional<store::Position> StoredQuery::reached() const {
  std::optional<store::Position> reached;
  for (const Stream& stream : streams_) {
    if (stream.done()) continue;
    const auto at = stream.left().empty() ? stream.resume
                    : stream.taken > 0    ? position_of(*stream.read[stream.taken - 1].event)
                                          : stream.from;
    if (!at) return std::nullopt;
    if (!reached || comes_before(*at, *reached)) reached = at;
  }
  return reached;
}

bool StoredQuery::done() const {
  return ranked_.done() && besides_.empty() && std::ranges::all_of(streams_, &Stream::done);
}

bool StoredQuery::cut() const {
  return ranked_.cut() || std::ranges::any_of(streams_, [](const Stream& stream) {
           return stream.wanted == 0 && !(stream.exhausted && stream.left().empty());
         });
}

bool StoredQuery::complete() const {
  return complete_ && !held_back_ && ranked_.complete() &&
         std::ranges::all_of(streams_, [](const Stream& stream) { return stream.wanted > 0; });
}

boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
StoredQuery::next_slice(nostr::ViewerPtr viewer, base::UnixSeconds now) {
  if (!ranked_.done()) co_return co_await next_ranked(std::move(viewer), now);
  if (auto filled = co_await fill_streams(viewer, now); !filled)
    co_return std::unexpected(std::move(filled.error()));
  std::vector<VisibleEvent> slice;
  Withholding withheld(visibility_);
  auto room = static_cast<std::size_t>(visibility_.limits_.send_queue_high_water_bytes);
  while (room > 0) {
    auto next = take_next(*viewer, withheld);
    if (!next) break;
    room -= std::min(room, next->event()->json.size());
    slice.push_back(*std::move(next));
  }
  co_return slice;
}

boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
StoredQuery::next_ranked(nostr::ViewerPtr viewer, base::UnixSeconds now) {
  if (!snapshot_) {
    if (auto learnt = co_await visibility_.catch_up(); !learnt)
      co_return std::unexpected(std::move(learnt.error()));
    snapshot_ = visibility_.horizon_.last();
  }
  co_return co_await ranked_.next_slice(std::move(viewer), now, snapshot_);
}

boost::asio::awaitable<std::expected<void, store::StoreError>> StoredQuery::fill_streams(
    nostr::ViewerPtr viewer, base::UnixSeconds now) {
  bool read_one = false;
  for (Stream& stream : streams_) {
    if (!stream.left().empty() || stream.done()) continue;
    if (auto read = co_await read_page(stream, now); !read) co_return read;
    read_one = true;
  }
  // Else what was read for an earlier slice would be shown by what was known then.
  if (!read_one && visibility_.may_be_behind()) {
    if (auto learnt = co_await visibility_.catch_up(); !learnt) co_return learnt;
  }
  // What was read before may be undecided again: time has passed.
  for (const Stream& stream : streams_)
    if (!stream.left().empty()) co_await visibility_.prepare(stream.left(), viewer);
  co_return std::expected<void, store::StoreError>{};
}

boost::asio::awaitable<std::expected<void, store::StoreError>> StoredQuery::read_page(
    Stream& stream, base::UnixSeconds now) {
  const base::Limits& limits = visibility_.limits_;
  const store::PageRequest request{
      .filter = *stream.filter,
      .after = stream.resume,
      .up_to = snapshot_,
      .max_events = static_cast<std::size_t>(
          std::min(stream.wanted, static_cast<std::uint64_t>(limits.query_page_events))),
      .max_scanned = static_cast<std::size_t>(limits.query_page_scanned),
      .now = now,
      .oldest_first = oldest_first_};
  auto page = co_await visibility_.store_.query(request);
  if (!page) co_return std::unexpected(std::move(page.error()));
  if (!visibility_.knows(page->newest())) {
    if (auto learnt = co_await visibility_.learn(page->newest()); !learnt) co_return learnt;
  }
  if (!snapshot_) snapshot_ = page->snapshot;
  stream.read = std::move(page->events);
  stream.taken = 0;
  stream.from = stream.resume;
  stream.resume = page->next;
  stream.exhausted = !page->next;
  co_return std::expected<void, store::StoreError>{};
}

std::optional<VisibleEvent> StoredQuery::take_next(const nostr::Viewer& viewer,
                                                   Withholding& withheld) {
  while (true) {
    Stream* stream = first_in_order();
    const bool waiting = std::ranges::any_of(
        streams_, [](const Stream& other) { return !other.done() && other.left().empty(); });
    if (waiting) return std::nullopt;
    std::optional<VisibleEvent> next;
    if (!besides_.empty() && (!stream || !comes_before(position_of(*stream->left().front().event),
                                                       position_of(*besides_.front().event())))) {
      next = std::move(besides_.front());
      besides_.pop_front();
    } else if (stream) {
      const store::StoredEvent& stored = stream->read[stream->taken++];
      next = visibility_.show(stored, viewer, *stream->filter);
      if (!next) {
        withheld.add(stored.event->kind);
        held_back_ = held_back_ || visibility_.undecided(stored, viewer);
        continue;
      }
      --stream->wanted;
    } else {
      return std::nullopt;
    }
    // Another filter asked for it too: equal places are neighbours.
    if (last_ == next->event()->id || ranked_.gave(next->event()->id)) continue;
    last_ = next->event()->id;
    return next;
  }
}

StoredQuery::Stream* StoredQuery::first_in_order() {
  Stream* first = nullptr;
  for (Stream& stream : streams_) {
    if (stream.done() || stream.left().empty()) continue;
    if (!first || comes_before(position_of(*stream.left().front().event),
                               position_of(*first->left().front().event)))
      first = &stream;
  }
  return first;
}

}  // namespace relay
