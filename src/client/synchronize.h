#pragma once
// A store and a relay, made equal for one filter: the difference by NIP-77, then the events themselves.
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "client/peer.h"

namespace client {

/// The store at this end, as it is to a stranger: what may not be read is not there, what may not be written is refused.
class Local {
 public:
  virtual ~Local() = default;

  [[nodiscard]] virtual Outcome<nostr::negentropy::Items> items() = 0;
  /// Those of `ids` that are there.
  [[nodiscard]] virtual Outcome<std::vector<nostr::EventPtr>> events(
      std::span<const nostr::EventId> ids) = 0;
  /// Verifies, decides and stores: one verdict for each.
  [[nodiscard]] virtual Outcome<std::vector<Verdict>> append(
      std::span<const nostr::Event> events) = 0;
};

enum class Direction { both, down, up };

/// What came of it, over all attempts.
struct Report {
  std::size_t stored = 0;      ///< came here
  std::size_t sent = 0;        ///< went there
  std::size_t superseded = 0;  ///< the other side has a newer version (replaceable, addressable)
  std::map<nostr::EventId, std::string> refused_here, refused_there;  ///< with the reason
  std::set<nostr::EventId> withheld;  ///< named by the relay and not given, in the last attempt

  [[nodiscard]] bool equal() const {
    return refused_here.empty() && refused_there.empty() && withheld.empty();
  }
};

struct Request {
  std::string filter;    ///< what the local side's items() are of: as it was written, in JSON,
  nostr::Filter parsed;  ///< and as it was understood
  Direction direction = Direction::both;
  std::function<void(std::string_view)> say;  ///< how far it is, as sentences
};

/// One attempt; adds to `report`, whatever its end. What was refused in an earlier attempt is not tried again. All that is
/// done stays done: the next attempt begins with what is left.
[[nodiscard]] Outcome<void> synchronize(Peer& peer, Local& local, const Request& request,
                                        Report& report);

}  // namespace client
