#pragma once
// What the methods change, each as one operation of the store: decided and bounded inside the commit.
#include "extensions/management/rows.h"
#include "store/operation.h"

namespace extensions::management {

/// How many entries a list holds at most.
struct Bounds {
  std::size_t max_entries;
  [[nodiscard]] std::size_t of(List list) const;
};

// Refusals begin with a word for programs: "list_full: …", "not_listed: …".

/// Puts an entry, or gives it another reason.
[[nodiscard]] store::OperationPtr put(List list, std::string item, std::string reason,
                                      Bounds bounds);
/// Takes an entry away, which must be there.
[[nodiscard]] store::OperationPtr take_away(List list, std::string item);

/// On the allow list, and not banned any more.
[[nodiscard]] store::OperationPtr allow_key(const nostr::PublicKey& key, std::string reason,
                                            Bounds bounds);
/// The event leaves the store, with all that is kept about it.
[[nodiscard]] store::OperationPtr ban_event(const nostr::EventId& id, std::string reason,
                                            Bounds bounds);
/// Banned or not before.
[[nodiscard]] store::OperationPtr allow_event(const nostr::EventId& id);
/// Not disallowed any more; on the list of allowed ones, but that one that was disallowed begins no such list.
[[nodiscard]] store::OperationPtr allow_kind(nostr::Kind kind, Bounds bounds);
/// Off the list of allowed ones, on that of disallowed ones.
[[nodiscard]] store::OperationPtr disallow_kind(nostr::Kind kind, Bounds bounds);
/// "" goes back to what is configured.
[[nodiscard]] store::OperationPtr say(std::string_view what, std::string text);

}  // namespace extensions::management
