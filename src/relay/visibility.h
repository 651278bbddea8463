#pragma once
// The one door through which events reach people.
//
// Only Visibility reads events from the store, and only it makes a VisibleEvent, the only thing that a connection can
// deliver and a count can count: a road that does not ask the read decision cannot be written by mistake.
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "relay/admission.h"
#include "relay/horizon.h"
#include "store/store.h"

namespace relay {

/// An event that may be shown to the viewer it was decided for, now. Not kept: what waits is decided again.
class VisibleEvent {
 public:
  [[nodiscard]] const nostr::EventPtr& event() const { return event_; }

 private:
  friend class Visibility;
  explicit VisibleEvent(nostr::EventPtr event) : event_(std::move(event)) {}
  nostr::EventPtr event_;
};

class StoredQuery;
class RankedQuery;
class Visibility;

/// Counts what show() kept back on one page, kind by kind, without memory of its own: neighbours mostly are of one kind.
/// Told when it ends, at the latest.
class Withholding {
 public:
  explicit Withholding(const Visibility& visibility) : visibility_(visibility) {}
  ~Withholding();
  Withholding(const Withholding&) = delete;
  Withholding& operator=(const Withholding&) = delete;
  void add(nostr::Kind kind);

 private:
  const Visibility& visibility_;
  Withheld so_far_{};
};

/// Confined to its worker's thread; `store`, `admission` and `horizon` outlive it.
class Visibility {
 public:
  Visibility(store::Store& store, Admission& admission, const base::Limits& limits,
             Horizon& horizon)
      : store_(store), admission_(admission), limits_(limits), horizon_(horizon) {}

  /// The read decision (Admission::may_read) for one event: nullopt when `viewer` may not have it through `filter`.
  /// Nobody may have anything while what the worker has learnt from commits does not hold.
  [[nodiscard]] std::optional<VisibleEvent> show(const store::StoredEvent& stored,
                                                 const nostr::Viewer& viewer,
                                                 const nostr::Filter& filter) const {
    if (horizon_.lost() || !admission_.may_read(stored, viewer, filter)) return std::nullopt;
    return VisibleEvent(stored.event);
  }

  // What is shown was decided by memberships at least as new as the reading of it, wherever they
  // were changed: once any instance has acknowledged a removal, none shows the removed key
  // anything.
  /// Has the worker heard of all that a read with this snapshot has seen?
  [[nodiscard]] bool knows(store::Seq snapshot) const { return horizon_.reaches(snapshot); }
  /// Waits until it has (Horizon::reach).
  [[nodiscard]] boost::asio::awaitable<std::expected<void, store::StoreError>> learn(
      store::Seq snapshot) const;
  /// Waits until the worker has heard of all that is committed by now. For what was read a while
  /// ago.
  [[nodiscard]] boost::asio::awaitable<std::expected<void, store::StoreError>> catch_up() const;
  /// False: every commit is heard of before it is acknowledged, and catch_up() has nothing to do.
  [[nodiscard]] bool may_be_behind() const { return store_.shared(); }
  /// Where a reading is to stop that begins now, so that nothing it finds is newer than what is
  /// known; nullopt: wherever the store is, which may be ahead, and is waited for.
  [[nodiscard]] std::optional<store::Seq> up_to() const {
    return may_be_behind() ? std::nullopt : horizon_.last();
  }

  /// Fetches what the decision about these needs, where it needs something.
  [[nodiscard]] boost::asio::awaitable<void> prepare(std::span<const store::StoredEvent> events,
                                                     nostr::ViewerPtr viewer) const;
  /// show() said no, and prepare() could change that.
  [[nodiscard]] bool undecided(const store::StoredEvent& stored,
                               const nostr::Viewer& viewer) const {
    return admission_.undecided(stored, viewer);
  }

  /// Tells who observes that show() kept events back.
  void tell(const Withheld& withheld) const {
    if (withheld.events > 0) admission_.tell(withheld);
  }

  /// What extensions set aside for this REQ alone, newest first. The error is a reason for CLOSED.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, std::string>>
  hand_out(ReqContext context) const;

 private:
  friend class StoredQuery;
  friend class RankedQuery;

  store::Store& store_;
  Admission& admission_;
  const base::Limits& limits_;
  Horizon& horizon_;
};

}  // namespace relay
