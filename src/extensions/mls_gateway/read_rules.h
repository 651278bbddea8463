#pragma once
// Who may have which event, and which subscriptions an anonymous client should not be left to wait on. Pure.
#include <chrono>
#include <set>
#include <string>

#include "extensions/mls_gateway/acl_members.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/memberships.h"
#include "nostr/filter.h"
#include "nostr/viewer.h"
#include "relay/extension/store_contact.h"
#include "store/stager.h"

namespace extensions::mls_gateway {

/// Groups that were founded as capability groups and are gated now: few.
using UpgradedGroups = std::set<std::string, std::less<>>;

/// What the read decision looks at; all of it in memory.
struct ReadState {
  const Config& config;
  const Memberships& memberships;
  const AclMembers* acl;  ///< not null: it, and not `memberships`, says who is a member
  const UpgradedGroups& upgraded;
  /// With a store that others write to: `memberships`, `upgraded` and what `acl` has forgotten are
  /// true as far as it was heard from.
  const relay::StoreContact* contact = nullptr;
};

/// False: too long ago (`group_cache_ttl`, or least_patience). Then nothing of groups is for
/// anybody.
[[nodiscard]] bool knows_members(const ReadState& state);
/// Shared stores are heard from every few seconds.
inline constexpr std::chrono::seconds least_patience{10};

/// The read rules of every kind the gateway knows; all others are public.
[[nodiscard]] bool may_read(const ReadState& state, const store::StoredEvent& stored,
                            const nostr::Viewer& viewer, const nostr::Filter& filter);

/// Is it for the members of a gated group alone?
[[nodiscard]] bool is_for_members(const UpgradedGroups& upgraded, const store::StoredEvent& stored);

/// What a filter can match at all, for someone who has proved no key.
enum class Reach {
  open,   ///< something public, or nothing at all
  gated,  ///< only what needs AUTH
  if_capability,  ///< group messages by id: only what needs AUTH, unless one of the groups is a capability group
};
[[nodiscard]] Reach anonymous_reach(const Config& config, const nostr::Filter& filter);

/// Can `filter` match what this group holds for its members?
[[nodiscard]] bool reaches_group(const nostr::Filter& filter, std::string_view group_id);

/// The groups that `filter` names, if it can match what they hold; no texts that cannot be an id.
[[nodiscard]] std::vector<std::string> groups_asked_for(const nostr::Filter& filter);

}  // namespace extensions::mls_gateway
