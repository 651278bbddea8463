#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "nostr/filter.h"
#include "nostr/viewer.h"
#include "relay/ranked_query.h"
#include "relay/visibility.h"

namespace relay {

/// Reads what a REQ or COUNT asks of the store, slice by slice: newest first, lowest id first among equals, all filters
/// merged, each event once, each filter cut at its own limit AFTER the read decision. Filters that search come before
/// all others, best match first (RankedQuery).
///
/// Reads the store as it was when the query was made, or, where others write to it, at the first
/// slice (snapshot()), so that live delivery can go on from there; but decides by all that was
/// committed when it read (Visibility). Confined to its worker's thread; `filters` and `visibility`
/// outlive it.
class StoredQuery {
 public:
  /// `limit` of a filter that has none, and the most that any may have.
  struct Cut {
    std::uint64_t by_default;
    std::uint64_t at_most;
  };

  /// `besides`: what this query is given anyhow, newest first; counts towards no limit.
  StoredQuery(const Visibility& visibility, const std::vector<nostr::Filter>& filters, Cut cut,
              std::vector<VisibleEvent> besides = {});

  /// Oldest first, highest id first among equals, strictly behind `after`. Before the first slice. REQUIRES: no filter
  /// searches, nothing is given besides.
  void read_upwards(const std::optional<store::Position>& after);
  /// Something was left out for want of a decision (Visibility::undecided), which may be made another time.
  [[nodiscard]] bool held_back() const { return held_back_; }
  /// Everything up to here was given or is not for this viewer; it may be the place of what is hidden. nullopt: not known,
  /// or done().
  [[nodiscard]] std::optional<store::Position> reached() const;

  /// The next events, possibly none, about send_queue_high_water_bytes at most; call again until done(). The decision
  /// uses the viewer as it is now.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
  next_slice(nostr::ViewerPtr viewer, base::UnixSeconds now);
  [[nodiscard]] bool done() const;
  /// Some filter was cut: more may match.
  [[nodiscard]] bool cut() const;
  /// Certainly everything was given that matches and that the viewer may read: no filter reached its limit, and nothing
  /// was held back because it could not be decided. What is hidden from the viewer makes no difference. REQUIRES: done().
  [[nodiscard]] bool complete() const;
  /// Commits up to here were looked at; 0 before the first slice and when nothing had to be read.
  [[nodiscard]] store::Seq snapshot() const { return snapshot_.value_or(0); }

 private:
  /// One filter's answer, read page by page.
  struct Stream {
    const nostr::Filter* filter;
    std::uint64_t wanted;  // events still allowed by `limit`
    std::vector<store::StoredEvent> read{};
    std::size_t taken = 0;  // of `read`
    std::optional<store::Position> resume{};
    std::optional<store::Position> from{};  // where `read` began
    bool exhausted = false;

    [[nodiscard]] std::span<const store::StoredEvent> left() const {
      return std::span(read).subspan(taken);
    }
    [[nodiscard]] bool done() const { return wanted == 0 || (exhausted && left().empty()); }
  };

  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, store::StoreError>>
  next_ranked(nostr::ViewerPtr viewer, base::UnixSeconds now);
  [[nodiscard]] boost::asio::awaitable<std::expected<void, store::StoreError>> fill_streams(
      nostr::ViewerPtr viewer, base::UnixSeconds now);
  [[nodiscard]] boost::asio::awaitable<std::expected<void, store::StoreError>> read_page(
      Stream& stream, base::UnixSeconds now);
  /// The next event that may be shown and has not been; nullopt while a stream has to be read on, or when all are done.
  [[nodiscard]] std::optional<VisibleEvent> take_next(const nostr::Viewer& viewer,
                                                      Withholding& withheld);
  /// The stream whose next event comes first; nullptr as take_next().
  [[nodiscard]] Stream* first_in_order();
  [[nodiscard]] bool comes_before(const store::Position& a, const store::Position& b) const;

  const Visibility& visibility_;
  RankedQuery ranked_;
  std::vector<Stream> streams_;
  std::deque<VisibleEvent> besides_;
  std::optional<store::Seq> snapshot_;
  std::optional<nostr::EventId> last_;
  bool complete_ = true;
  bool oldest_first_ = false;
  bool held_back_ = false;
};

}  // namespace relay
