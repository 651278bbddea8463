#include "nostr/deletion.h"

#include <algorithm>

namespace nostr {
namespace {

bool is_gift_wrap(const Event& event) {
  return event.kind == kind::gift_wrap || event.kind == kind::ephemeral_gift_wrap;
}

}  // namespace

DeletionRequest deletion_request(const Event& deletion) {
  DeletionRequest request;
  for (const Tag tag : deletion.tags) {
    if (tag.name() == "e") {
      if (const auto id = base::from_hex<EventId>(tag.value())) request.ids.push_back(*id);
    } else if (tag.name() == "a") {
      auto address = parse_address(tag.value());
      if (address && address->pubkey == deletion.pubkey)
        request.addresses.push_back(std::move(*address));
    }
  }
  return request;
}

bool may_delete(const PublicKey& signer, const Event& target) {
  return is_deletable(target.kind) && std::ranges::count(possible_deleters(target), signer) > 0;
}

std::vector<PublicKey> gift_wrap_recipients(const Event& event) {
  std::vector<PublicKey> recipients;
  if (!is_gift_wrap(event)) return recipients;
  for (const Tag tag : event.tags) {
    if (tag.name() != "p") continue;
    if (const auto key = base::from_hex<PublicKey>(tag.value())) recipients.push_back(*key);
  }
  return recipients;
}

std::vector<PublicKey> possible_deleters(const Event& event) {
  std::vector<PublicKey> deleters = gift_wrap_recipients(event);
  deleters.insert(deleters.begin(), event.pubkey);
  return deleters;
}

}  // namespace nostr
