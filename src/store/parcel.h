#pragma once
// What moves from one store to another when it is copied (Store::dump, Store::load).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/stager.h"
#include "store/vanish.h"

namespace store {

/// What a deletion (NIP-09) or a request to vanish (NIP-62) left, so that its targets stay away.
struct Tombstone {
  enum class Kind : std::uint8_t { id, address, author };
  Kind kind = Kind::id;
  std::string key;              ///< keys.h: buried_key or address_key; an author's public key
  base::UnixSeconds until = 0;  ///< what is barred, that second included; none for an id
};

/// A part of everything that a store keeps. Numbers are kept: those of events, requests to vanish
/// and the newest commit.
struct Parcel {
  bool first = false;
  Seq last = 0;  ///< the newest commit of where it comes from: a change while it is dumped shows
  std::vector<Tombstone> tombstones{};
  std::vector<Vanish> vanishing{};    ///< requests that are still being carried out
  std::vector<RowChange> rows{};      ///< all with values
  std::vector<StoredEvent> events{};  ///< with ascending numbers, over all parcels
  std::optional<std::string> next{};  ///< pass as `after` for the next one; nullopt: the last one
};

/// Why `parcel` cannot go into a store whose newest commit is `last`; nullopt if it can.
/// `unfinished`: earlier parcels are in it, and not yet all.
[[nodiscard]] std::optional<StoreError> refusal_of(const Parcel& parcel, Seq last, bool unfinished);

/// The number of the commit that brings `parcel` into such a store: that of its origin once all is
/// there, until then another one at each step.
[[nodiscard]] Seq number_with(const Parcel& parcel, Seq last);

}  // namespace store
