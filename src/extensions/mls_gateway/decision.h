#pragma once
// What an event means for groups and key packages, decided from rows.
//
// One pure function, asked twice: on the worker against the rows as they are (so that most refusals never reach the
// writer), and inside the commit against the rows as they will be, which settles every race.
#include <expected>
#include <string>
#include <vector>

#include "extensions/mls_gateway/config.h"
#include "nostr/viewer.h"
#include "store/rows.h"
#include "store/stager.h"

namespace extensions::mls_gateway {

/// An event and who publishes it, when.
struct Publication {
  const nostr::Event& event;
  const nostr::Viewer& viewer;
  base::UnixSeconds now;
  std::uint8_t note = 0;  ///< what the worker found out before (Note)
  bool vanishes = false;  ///< as store::Write
};

/// What the worker learnt from the sidecar about the publisher; it goes with the event into the commit, which cannot ask.
enum Note : std::uint8_t { member_by_acl = 1, admin_by_acl = 2 };

/// Can it be asked with rows fetched by key? Otherwise only inside the commit.
[[nodiscard]] bool decides_by_key(const nostr::Event& event);

/// The rows that decide() will look at; none when the event concerns no row.
void rows_to_decide(const Publication& publication, store::Reads& reads);

/// REQUIRES: check_shape() passed. The refusal has its prefix.
[[nodiscard]] std::expected<store::Staged, store::Refusal> decide(const Config& config,
                                                                  const Publication& publication,
                                                                  const store::RowView& rows);

/// What leaving the store means: a key package leaves the pool with its event.
[[nodiscard]] std::vector<std::string> rows_to_erase(const nostr::Event& event);
[[nodiscard]] std::vector<store::RowChange> decide_erase(const store::StoredEvent& erased,
                                                         const store::RowView& rows);

}  // namespace extensions::mls_gateway
