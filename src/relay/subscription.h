#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/filter.h"
#include "store/stager.h"

namespace relay {

class Connection;

/// A live event that matched while its subscription was still reading stored ones.
struct HeldEvent {
  store::StoredEvent stored;
  std::uint32_t filter;  ///< which of the subscription's filters it matched
};

/// A live event that waits for its turn: the first of them for what its decision needs, the others behind it.
struct AwaitedEvent {
  store::StoredEvent stored;
  bool asked = false;  ///< what its decision needs was asked for
};

/// Where the index filed one filter: the bucket's key and the place in it, so that removal needs no search.
struct Filing {
  std::uint64_t bucket;
  std::uint32_t place;
};

/// One REQ that is open. Confined to its worker's thread; owned by its connection, shared with the coroutine that
/// reads its stored events.
struct Subscription {
  Connection& connection;
  std::string id;
  std::shared_ptr<const std::string> head;  ///< `["EVENT","<id>",`, shared by all its deliveries
  std::vector<nostr::Filter> filters;

  bool open = true;           ///< false once closed or replaced: nothing more may be sent for it
  store::Seq live_after = 0;  ///< the stored part covered every commit up to here
  std::unique_ptr<std::vector<HeldEvent>> held{};  ///< set while stored events are being read
  std::vector<AwaitedEvent> awaited{};             ///< oldest first; shown in this order
  std::vector<Filing> filings{};                   ///< kept by SubscriptionIndex
  std::uint64_t last_visit = 0;  ///< kept by SubscriptionIndex: the event it met last,
  std::uint64_t tried = 0;       ///< and the filters (bits) that were tried on that event
};

using SubscriptionPtr = std::shared_ptr<Subscription>;

}  // namespace relay
