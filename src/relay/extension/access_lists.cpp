#include "relay/extension/access_lists.h"

#include <fmt/format.h>

#include <algorithm>

namespace relay {
namespace {

bool listed(const std::vector<nostr::PublicKey>& list, const nostr::PublicKey& key) {
  return std::ranges::binary_search(list, key);
}

bool any_listed(const std::vector<nostr::PublicKey>& list, const nostr::Viewer& viewer) {
  return std::ranges::any_of(viewer.keys, [&](const auto& key) { return listed(list, key); });
}

bool any_contains(const std::vector<base::IpNetwork>& networks, const base::IpAddress& address) {
  return std::ranges::any_of(networks,
                             [&](const auto& network) { return network.contains(address); });
}

}  // namespace

bool AccessLists::denies(const nostr::PublicKey& key) const { return listed(deny_keys, key); }

std::string_view AccessLists::check_connection(const ClientContext& context) const {
  const bool allowed = allow_networks.empty() || any_contains(allow_networks, context.peer);
  if (!allowed) return "restricted: this relay serves a list of addresses";
  if (any_contains(deny_networks, context.peer))
    return "blocked: this address may not use this relay";
  // Where the lists have changed; check_key() keeps such keys from new proofs.
  return any_listed(deny_keys, context.viewer) ? key_is_denied : "";
}

Verdict AccessLists::check_key(const nostr::PublicKey& key) const {
  return denies(key) ? Verdict::deny(std::string(key_is_denied)) : Verdict::pass();
}

Verdict AccessLists::check_event(const EventContext& context) const {
  return check_write({context.event.kind, context.event.pubkey, context.viewer});
}

Verdict AccessLists::check_write(const WriteContext& context) const {
  if (!takes_kind(context.kind))
    return Verdict::deny(fmt::format("blocked: this relay does not take kind {}", context.kind));
  if (denies(context.author)) return Verdict::deny(std::string(key_is_denied));
  if (may_publish(context)) return Verdict::pass();
  if (context.viewer.anonymous() && auth_offered)
    return Verdict::deny(
        "auth-required: a list of keys may publish here; authenticate with one of them (NIP-42)");
  return Verdict::deny(
      "restricted: a list of keys may publish here and yours is not on it; ask the operator");
}

bool AccessLists::takes_kind(nostr::Kind kind) const {
  if (deny_kinds.contains(kind)) return false;
  return allow_kinds.empty() || allow_kinds.contains(kind);
}

/// One-time keys sign for an allowed viewer, and an allowed author's event may be brought by
/// anyone.
bool AccessLists::may_publish(const WriteContext& context) const {
  return allow_keys.empty() || open_kinds.contains(context.kind) ||
         listed(allow_keys, context.author) || any_listed(allow_keys, context.viewer);
}

}  // namespace relay
