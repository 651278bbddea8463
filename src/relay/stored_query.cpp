#include "relay/stored_query.h"

#include <algorithm>

namespace relay {
namespace {

bool comes_before(const nostr::Event& a, const nostr::Event& b) {
  return a.created_at != b.created_at ? a.created_at > b.created_at : a.id < b.id;
}

}  // namespace

StoredQuery::StoredQuery(store::Store& store, const Admission& admission,
                         const std::vector<nostr::Filter>& filters, const base::Limits& limits,
                         std::optional<store::Seq> up_to)
    : store_(store), admission_(admission), limits_(limits), snapshot_(up_to) {
  for (const auto& filter : filters) {
    const auto wanted = std::min<std::uint64_t>(
        filter.limit.value_or(static_cast<std::uint64_t>(limits.default_limit)),
        static_cast<std::uint64_t>(limits.max_limit));
    if (wanted > 0 && !filter.matches_nothing()) streams_.push_back({&filter, wanted});
  }
}

bool StoredQuery::done() const { return std::ranges::all_of(streams_, &Stream::done); }

boost::asio::awaitable<std::expected<std::vector<nostr::EventPtr>, store::StoreError>>
StoredQuery::next_slice(nostr::ViewerPtr viewer, base::UnixSeconds now) {
  for (Stream& stream : streams_) {
    if (!stream.read.empty() || stream.done()) continue;
    if (auto read = co_await read_page(stream, now); !read) co_return std::unexpected(read.error());
  }
  std::vector<nostr::EventPtr> slice;
  std::size_t room = static_cast<std::size_t>(limits_.send_queue_high_water_bytes);
  while (Stream* stream = room > 0 ? first_in_order() : nullptr) {
    const store::StoredEvent stored = std::move(stream->read.front());
    stream->read.pop_front();
    if (!admission_.may_read(stored, *viewer, *stream->filter)) continue;
    --stream->wanted;
    if (last_ == stored.event->id)
      continue;  // another filter asked for it too: equal places are neighbours
    last_ = stored.event->id;
    slice.push_back(stored.event);
    room -= std::min(room, stored.event->json.size());
  }
  co_return slice;
}

boost::asio::awaitable<std::expected<void, store::StoreError>> StoredQuery::read_page(
    Stream& stream, base::UnixSeconds now) {
  const store::PageRequest request{
      .filter = *stream.filter,
      .after = stream.resume,
      .up_to = snapshot_,
      .max_events = static_cast<std::size_t>(
          std::min(stream.wanted, static_cast<std::uint64_t>(limits_.query_page_events))),
      .max_scanned = static_cast<std::size_t>(limits_.query_page_scanned),
      .now = now};
  auto page = co_await store_.query(request);
  if (!page) co_return std::unexpected(std::move(page.error()));
  if (!snapshot_) snapshot_ = page->snapshot;
  stream.read.assign(std::make_move_iterator(page->events.begin()),
                     std::make_move_iterator(page->events.end()));
  stream.resume = page->next;
  stream.exhausted = !page->next;
  co_return std::expected<void, store::StoreError>{};
}

StoredQuery::Stream* StoredQuery::first_in_order() {
  Stream* first = nullptr;
  for (Stream& stream : streams_) {
    if (stream.done()) continue;
    if (stream.read.empty()) return nullptr;
    if (!first || comes_before(*stream.read.front().event, *first->read.front().event))
      first = &stream;
  }
  return first;
}

}  // namespace relay
