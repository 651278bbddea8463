#pragma once
// Allow and deny lists, and what they say about a connection, a key and an event.
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "nostr/kind_set.h"
#include "relay/extension/extension.h"

namespace relay {

/// A value. An empty allow list allows everybody; a denial wins over it. What is denied is answered `blocked:`, what is on
/// no allow list `restricted:`, or `auth-required:` where proving a key may help.
struct AccessLists {
  std::vector<nostr::PublicKey> allow_keys{};  ///< sorted
  std::vector<nostr::PublicKey> deny_keys{};   ///< sorted
  nostr::KindSet allow_kinds{}, deny_kinds{};
  nostr::KindSet open_kinds{};  ///< taken from everybody despite allow_keys
  std::vector<base::IpNetwork> allow_networks{}, deny_networks{};
  bool auth_offered = true;  ///< can a client prove a key?

  [[nodiscard]] bool denies(const nostr::PublicKey& key) const;
  /// Do they take events from some people, or of some kinds, only?
  [[nodiscard]] bool restrict_writes() const { return !allow_keys.empty() || !allow_kinds.empty(); }

  /// As WorkerExtension::check_connection(): by address, and by the keys it has proved.
  [[nodiscard]] std::string_view check_connection(const ClientContext& context) const;
  /// As WorkerExtension::on_auth().
  [[nodiscard]] Verdict check_key(const nostr::PublicKey& key) const;
  /// As WorkerExtension::check_event() and check_write(), which is all it looks at.
  [[nodiscard]] Verdict check_event(const EventContext& context) const;
  [[nodiscard]] Verdict check_write(const WriteContext& context) const;

 private:
  [[nodiscard]] bool takes_kind(nostr::Kind kind) const;
  [[nodiscard]] bool may_publish(const WriteContext& context) const;
};

/// What a key is told that is denied.
inline constexpr std::string_view key_is_denied = "blocked: this key may not use this relay";

}  // namespace relay
