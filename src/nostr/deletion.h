#pragma once
// What a kind 5 event asks for (NIP-09), and whose events it may touch.
#include <vector>

#include "nostr/address.h"
#include "nostr/event.h"

namespace nostr {

struct DeletionRequest {
  std::vector<EventId> ids;        ///< valid `e` tags
  std::vector<Address> addresses;  ///< valid `a` tags whose pubkey is the signer
};

/// REQUIRES: deletion.kind == 5. Malformed and foreign targets are left out.
[[nodiscard]] DeletionRequest deletion_request(const Event& deletion);

/// Nobody can delete a deletion (NIP-09) or a request to vanish (NIP-62), early or late.
[[nodiscard]] constexpr bool is_deletable(Kind kind) {
  return kind != kind::deletion && kind != kind::vanish;
}

/// May `signer` delete `target` by its id? Its author may; the recipient (a `p` tag) of a gift wrap may (NIP-59).
[[nodiscard]] bool may_delete(const PublicKey& signer, const Event& target);

/// The valid `p` tags of a gift wrap (NIP-59); none for any other kind.
[[nodiscard]] std::vector<PublicKey> gift_wrap_recipients(const Event& event);

/// The keys whose earlier deletion of this id bars `event`: its author and, for a gift wrap, its recipients.
[[nodiscard]] std::vector<PublicKey> possible_deleters(const Event& event);

}  // namespace nostr
