#pragma once
#include "store/store.h"

namespace store {

/// The order of every query, as a comparison for sorted containers: newest first, lowest id first
/// among equals.
struct QueryOrder {
  bool operator()(const Position& a, const Position& b) const {
    if (a.created_at != b.created_at) return a.created_at > b.created_at;
    return a.id < b.id;
  }
};

[[nodiscard]] inline Position position_of(const nostr::Event& event) {
  return {.created_at = event.created_at, .id = event.id};
}

/// NIP-40, at read time and for the purge alike: gone from the very second it names.
[[nodiscard]] inline bool expired(const std::optional<base::UnixSeconds>& expires_at,
                                  base::UnixSeconds now) {
  return expires_at && *expires_at <= now;
}

}  // namespace store
