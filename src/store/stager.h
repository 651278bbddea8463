#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "nostr/event.h"
#include "nostr/viewer.h"
#include "store/rows.h"

namespace store {

/// One event on its way into the store.
struct Write {
  nostr::EventPtr event;
  nostr::ViewerPtr viewer;  ///< never null; who published it
  base::UnixSeconds received_at = 0;
  /// NIP-40 `expiration`, already known to lie in the future.
  std::optional<base::UnixSeconds> expires_at;
  /// A request to vanish (NIP-62) that names this relay; any other kind 62 is stored and does nothing.
  bool vanishes = false;
  std::uint8_t note =
      0;  ///< from an extension to its own stage(): what only it could find out before
};

/// An event with what the commit added to it.
struct StoredEvent {
  nostr::EventPtr event;
  Seq seq = 0;            ///< 0 for ephemeral events
  std::uint8_t mark = 0;  ///< left by an extension at commit, given back to may_read; 0 = none
  std::optional<base::UnixSeconds> expires_at;
};

/// What accepting an event means besides storing it.
struct Staged {
  std::vector<RowChange> changes{};
  std::optional<base::UnixSeconds>
      expires_at{};  ///< the earlier of this and Write::expires_at holds
  std::uint8_t mark = 0;
};

struct Refusal {
  std::string reason;
};  ///< with its prefix, as the client will read it

/// Decides and prepares, inside the commit, what extensions add to it.
///
/// The store calls reads(), fetches those rows as the commit sees them (changes of earlier events of the batch
/// included), then calls the matching stage function. Declaring reads first lets a remote store fetch the rows of a
/// whole batch at once and put a precondition on them. All functions are pure, const, thread-safe and may be called
/// again when a commit is retried.
class Stager {
 public:
  virtual ~Stager() = default;

  virtual void reads(const Write& write, Reads& reads) const = 0;
  /// Runs before the duplicate check, so that a refusal tells an outsider nothing about what is stored.
  [[nodiscard]] virtual std::expected<Staged, Refusal> stage(const Write& write,
                                                             const RowView& rows) const = 0;

  virtual void erase_reads(const StoredEvent& erased, Reads& reads) const = 0;
  /// For an event that leaves the store in this commit: replaced, deleted or expired.
  [[nodiscard]] virtual std::vector<RowChange> stage_erase(const StoredEvent& erased,
                                                           const RowView& rows) const = 0;
};

/// Adds nothing: a plain relay.
class NoStager final : public Stager {
 public:
  void reads(const Write&, Reads&) const override {}
  [[nodiscard]] std::expected<Staged, Refusal> stage(const Write&, const RowView&) const override {
    return Staged{};
  }
  void erase_reads(const StoredEvent&, Reads&) const override {}
  [[nodiscard]] std::vector<RowChange> stage_erase(const StoredEvent&,
                                                   const RowView&) const override {
    return {};
  }
};

}  // namespace store
