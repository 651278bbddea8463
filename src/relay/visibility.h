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

/// Confined to its worker's thread; `store` and `admission` outlive it.
class Visibility {
 public:
  Visibility(store::Store& store, Admission& admission, const base::Limits& limits)
      : store_(store), admission_(admission), limits_(limits) {}

  /// The read decision (Admission::may_read) for one event: nullopt when `viewer` may not have it through `filter`.
  [[nodiscard]] std::optional<VisibleEvent> show(const store::StoredEvent& stored,
                                                 const nostr::Viewer& viewer,
                                                 const nostr::Filter& filter) const {
    if (!admission_.may_read(stored, viewer, filter)) return std::nullopt;
    return VisibleEvent(stored.event);
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
};

}  // namespace relay
