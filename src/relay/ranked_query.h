#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <set>
#include <vector>

#include "nostr/filter.h"
#include "nostr/viewer.h"
#include "relay/visibility.h"

namespace relay {

/// Reads what the filters that search (NIP-50) ask of the store: one filter after another, each best match first, each
/// event once, cut at the filter's limit AFTER the read decision and the filter's other fields.
///
/// An extension finds ids (Admission::find); the events come from the store, and through Visibility, as all others do.
/// Confined to its worker's thread; filters and `visibility` outlive it.
class RankedQuery {
 public:
  explicit RankedQuery(const Visibility& visibility) : visibility_(visibility) {}

  /// REQUIRES: wanted > 0, filter.searches(); nothing was read yet.
  void add(const nostr::Filter& filter, std::uint64_t wanted) {
    searches_.push_back({&filter, wanted});
  }

  /// The next events, possibly none, about send_queue_high_water_bytes at most; call again until done(). `up_to`: what was
  /// committed later is left out. The decision uses the viewer as it is now.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
  next_slice(nostr::ViewerPtr viewer, base::UnixSeconds now, std::optional<store::Seq> up_to);
  [[nodiscard]] bool done() const { return searches_.empty(); }
  /// More may match than was given.
  [[nodiscard]] bool cut() const { return cut_; }
  /// As StoredQuery::complete(). REQUIRES: done().
  [[nodiscard]] bool complete() const { return complete_; }
  /// The events of this query that were given.
  [[nodiscard]] bool gave(const nostr::EventId& id) const { return given_.contains(id); }

 private:
  struct Search {
    const nostr::Filter* filter;
    std::uint64_t wanted;  // events still allowed by `limit`
    std::optional<Found> found{};
    std::size_t looked_up = 0;              // of `found`
    std::deque<store::StoredEvent> read{};  // in the order of `found`
  };

  [[nodiscard]] boost::asio::awaitable<std::expected<void, store::StoreError>> look_up(
      Search& search, base::UnixSeconds now, std::optional<store::Seq> up_to);
  [[nodiscard]] std::vector<VisibleEvent> take(Search& search, const nostr::Viewer& viewer);
  /// Ends the first search when nothing is left of it.
  void end_if_done();

  const Visibility& visibility_;
  std::deque<Search> searches_;
  std::set<nostr::EventId> given_;
  bool cut_ = false;
  bool complete_ = true;
};

}  // namespace relay
