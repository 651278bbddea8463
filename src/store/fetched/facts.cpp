#include "store/fetched/facts.h"

#include <algorithm>

namespace store::fetched {

std::string buried_tombstone(const nostr::EventId& id, const nostr::PublicKey& signer) {
  return std::string("i").append(buried_key(id, signer).view());
}

std::string address_tombstone(std::string_view address) { return std::string("a").append(address); }

std::string vanished_tombstone(const nostr::PublicKey& author) {
  return std::string("v").append(author.view());
}

bool keeps(const Changes& changes, const StoredEvent& stored) {
  if (stored.seq == 0) return false;
  const auto kept = changes.events.find(stored.event->id);
  return kept != changes.events.end() && kept->second && kept->second->seq == stored.seq;
}

std::int64_t growth(const Changes& changes) {
  const auto come = std::ranges::count_if(
      changes.events, [](const auto& change) { return change.second.has_value(); });
  return come - static_cast<std::int64_t>(changes.erased.size());
}

}  // namespace store::fetched
