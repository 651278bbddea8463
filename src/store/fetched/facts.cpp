#include "store/fetched/facts.h"

namespace store::fetched {

std::string buried_tombstone(const nostr::EventId& id, const nostr::PublicKey& signer) {
  return std::string("i").append(buried_key(id, signer).view());
}

std::string address_tombstone(std::string_view address) { return std::string("a").append(address); }

std::string vanished_tombstone(const nostr::PublicKey& author) {
  return std::string("v").append(author.view());
}

}  // namespace store::fetched
