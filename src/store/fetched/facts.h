#pragma once
// What a commit on a remote store has to know, and what it has been told.
//
// Keys of tombstones and addresses are those of store/keys.h.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "nostr/event.h"
#include "store/keys.h"
#include "store/rows.h"
#include "store/stager.h"
#include "store/vanish.h"

namespace store::fetched {

/// What keeps events away: [i][id][signer], [a][address], [v][author].
[[nodiscard]] std::string buried_tombstone(const nostr::EventId& id,
                                           const nostr::PublicKey& signer);
[[nodiscard]] std::string address_tombstone(std::string_view address);
[[nodiscard]] std::string vanished_tombstone(const nostr::PublicKey& author);

/// The beginning of a list that may be long.
template <typename T>
struct Listing {
  std::vector<T> items;
  bool complete = false;  ///< nothing follows
};

struct ExpiredRow {
  base::UnixSeconds expires_at = 0;
  std::string key;
};

/// Whose events are covered by a request to vanish: its author's own, or gift wraps for the author. Both in query order.
enum class Covered : std::uint8_t { author, recipient };

/// Names one list of what a request covers.
struct LeftKey {
  nostr::PublicKey author;
  base::UnixSeconds until = 0;
  Seq seq = 0;
  Covered covered = Covered::author;
  friend auto operator<=>(const LeftKey&, const LeftKey&) = default;
};

/// Up to when, and how many at least.
struct DueNeed {
  base::UnixSeconds now = 0;
  std::size_t count = 0;
};

/// Facts that were asked for and are not known. Empty: everything was known.
struct Needs {
  std::set<nostr::EventId> events{};
  std::set<std::string> addresses{};
  std::set<std::string> rows{};
  std::set<std::string> prefixes{};
  std::set<std::string> tombstones{};
  std::set<nostr::PublicKey> vanishing{};
  std::optional<DueNeed> expired_events{}, expired_rows{};
  std::size_t vanishings = 0;  ///< of the first ones, by author
  std::map<LeftKey, std::size_t> left{};

  [[nodiscard]] bool empty() const {
    return events.empty() && addresses.empty() && rows.empty() && prefixes.empty() &&
           tombstones.empty() && vanishing.empty() && !expired_events && !expired_rows &&
           vanishings == 0 && left.empty();
  }
};

/// What the transaction read, as it was before this commit. What is not in a map was not asked for; nullopt is not there.
struct Facts {
  std::unordered_map<nostr::EventId, std::optional<StoredEvent>> events{};
  std::unordered_map<std::string, std::optional<nostr::EventId>>
      occupants{};  ///< by address; each is in `events`
  std::unordered_map<std::string, std::optional<std::string>> rows{};
  std::map<std::string, std::vector<Row>> prefixes{};  ///< whole, in key order
  std::unordered_map<std::string, std::optional<base::UnixSeconds>> tombstones{};
  std::map<nostr::PublicKey, std::optional<Vanish>> vanishing{};
  std::optional<Listing<StoredEvent>> expired_events{};  ///< the longest expired first
  std::optional<Listing<ExpiredRow>> expired_rows{};     ///< likewise, then by key
  std::optional<Listing<Vanish>> vanishings{};           ///< by author
  std::map<LeftKey, Listing<StoredEvent>> left{};        ///< in query order
};

/// What the commit does to what was there, each thing once.
struct Changes {
  std::unordered_map<nostr::EventId, std::optional<StoredEvent>>
      events{};                       ///< new ones; nullopt: gone
  std::vector<StoredEvent> erased{};  ///< that were there before
  std::unordered_map<std::string, std::optional<nostr::EventId>> occupants{};
  std::map<std::string, RowChange, std::less<>> rows{};
  std::map<std::string, base::UnixSeconds> tombstones{};
  std::map<nostr::PublicKey, std::optional<Vanish>> vanishing{};  ///< nullopt: ended
};

/// Is it there once they are carried out? Not what is ephemeral, or replaced in its own commit.
[[nodiscard]] bool keeps(const Changes& changes, const StoredEvent& stored);
/// How many events more there are behind it.
[[nodiscard]] std::int64_t growth(const Changes& changes);

}  // namespace store::fetched
