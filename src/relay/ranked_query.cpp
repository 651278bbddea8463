#include "relay/ranked_query.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace relay {
namespace {

/// Each may be as large as a message: so many are in memory at once.
constexpr std::size_t max_events_read = 32;

/// The filter, narrowed to these ids; what it searches for is found already.
nostr::Filter narrowed(const nostr::Filter& filter, std::vector<nostr::EventId> ids) {
  nostr::Filter narrow = filter;
  narrow.search.reset();
  std::ranges::sort(ids);
  if (filter.ids)
    std::erase_if(ids,
                  [&](const auto& id) { return !std::ranges::binary_search(*filter.ids, id); });
  narrow.ids = std::move(ids);
  return narrow;
}

void sort_as(std::span<const nostr::EventId> order, std::vector<store::StoredEvent>& events) {
  std::unordered_map<nostr::EventId, std::size_t> place;
  for (std::size_t i = 0; i < order.size(); ++i) place.emplace(order[i], i);
  std::ranges::sort(events, {}, [&](const auto& stored) { return place.at(stored.event->id); });
}

}  // namespace

boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
RankedQuery::next_slice(nostr::ViewerPtr viewer, base::UnixSeconds now,
                        std::optional<store::Seq> up_to) {
  Search& search = searches_.front();
  if (!search.found) {
    auto found = co_await visibility_.admission_.find(*search.filter);
    if (!found) co_return std::unexpected(std::move(found.error()));
    cut_ = cut_ || !found->complete;
    complete_ = complete_ && found->complete;
    search.found = std::move(*found);
  }
  if (search.read.empty()) {
    if (auto read = co_await look_up(search, now, up_to); !read)
      co_return std::unexpected(std::move(read.error()));
  } else if (auto learnt = co_await visibility_.catch_up(); !learnt) {  // read for an earlier slice
    co_return std::unexpected(std::move(learnt.error()));
  }
  // What was read before may be undecided again: time has passed.
  const std::vector<store::StoredEvent> read(search.read.begin(), search.read.end());
  co_await visibility_.prepare(read, viewer);
  auto slice = take(search, *viewer);
  end_if_done();
  co_return slice;
}

boost::asio::awaitable<std::expected<void, store::StoreError>> RankedQuery::look_up(
    Search& search, base::UnixSeconds now, std::optional<store::Seq> up_to) {
  const auto left = std::span(search.found->ids).subspan(search.looked_up);
  const auto ids = left.first(std::min(left.size(), max_events_read));
  search.looked_up += ids.size();
  const nostr::Filter filter = narrowed(*search.filter, {ids.begin(), ids.end()});
  std::vector<store::StoredEvent> events;
  std::optional<store::Position> resume;
  do {
    const store::PageRequest request{
        .filter = filter,
        .after = resume,
        .up_to = up_to,
        .max_events = max_events_read,
        .max_scanned = static_cast<std::size_t>(visibility_.limits_.query_page_scanned),
        .now = now};
    auto read = co_await visibility_.store_.query(request);
    if (!read) co_return std::unexpected(std::move(read.error()));
    if (!visibility_.knows(read->newest())) {
      if (auto learnt = co_await visibility_.learn(read->newest()); !learnt) co_return learnt;
    }
    std::ranges::move(read->events, std::back_inserter(events));
    resume = read->next;
  } while (resume);
  sort_as(ids, events);
  std::ranges::move(events, std::back_inserter(search.read));
  co_return std::expected<void, store::StoreError>{};
}

std::vector<VisibleEvent> RankedQuery::take(Search& search, const nostr::Viewer& viewer) {
  std::vector<VisibleEvent> slice;
  Withholding withheld(visibility_);
  auto room = static_cast<std::size_t>(visibility_.limits_.send_queue_high_water_bytes);
  while (room > 0 && search.wanted > 0 && !search.read.empty()) {
    const store::StoredEvent stored = std::move(search.read.front());
    search.read.pop_front();
    auto visible = visibility_.show(stored, viewer, *search.filter);
    if (!visible) {
      withheld.add(stored.event->kind);
      complete_ = complete_ && !visibility_.undecided(stored, viewer);
      continue;
    }
    --search.wanted;
    if (!given_.insert(stored.event->id).second) continue;
    room -= std::min(room, stored.event->json.size());
    slice.push_back(*std::move(visible));
  }
  return slice;
}

void RankedQuery::end_if_done() {
  const Search& search = searches_.front();
  const bool all_read = search.looked_up == search.found->ids.size() && search.read.empty();
  if (search.wanted > 0 && !all_read) return;
  cut_ = cut_ || !all_read;
  complete_ = complete_ && search.wanted > 0;
  searches_.pop_front();
}

}  // namespace relay
