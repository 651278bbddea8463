#pragma once
#include <algorithm>

#include "nostr/deletion.h"
#include "store/stager.h"

namespace store {

/// A request to vanish (NIP-62) as its commit took it.
struct Vanish {
  nostr::PublicKey author{};
  base::UnixSeconds until = 0;  ///< created_at of the request
  Seq seq = 0;                  ///< of the request: what came later is none of its business
};

/// Does `stored` go because its author vanished? The request itself does not.
[[nodiscard]] inline bool covers_author(const Vanish& vanish, const StoredEvent& stored) {
  return stored.seq < vanish.seq && stored.event->pubkey == vanish.author &&
         stored.event->created_at <= vanish.until;
}

/// Does `stored` go because it is a gift wrap for who vanished?
[[nodiscard]] inline bool covers_recipient(const Vanish& vanish, const StoredEvent& stored) {
  return stored.seq < vanish.seq &&
         std::ranges::count(nostr::gift_wrap_recipients(*stored.event), vanish.author) > 0;
}

[[nodiscard]] inline bool covers(const Vanish& vanish, const StoredEvent& stored) {
  return covers_author(vanish, stored) || covers_recipient(vanish, stored);
}

/// The request, of those still being carried out, that covers `stored`. `find` gives the request of
/// a key: PublicKey -> optional<Vanish>.
template <typename Find>
[[nodiscard]] std::optional<Vanish> vanish_over(const StoredEvent& stored, const Find& find) {
  for (const nostr::PublicKey& key : nostr::possible_deleters(*stored.event)) {
    const std::optional<Vanish> vanish = find(key);
    if (vanish && covers(*vanish, stored)) return vanish;
  }
  return std::nullopt;
}

}  // namespace store
