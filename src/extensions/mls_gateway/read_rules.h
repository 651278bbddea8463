#pragma once
// Who may have which event, and which subscriptions an anonymous client should not be left to wait on. Pure.
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/memberships.h"
#include "nostr/filter.h"
#include "nostr/viewer.h"
#include "store/stager.h"

namespace extensions::mls_gateway {

/// The read rules of every kind the gateway knows; all others are public.
[[nodiscard]] bool may_read(const Config& config, const Memberships& memberships,
                            const store::StoredEvent& stored, const nostr::Viewer& viewer,
                            const nostr::Filter& filter);

/// What a filter can match at all, for someone who has proved no key.
enum class Reach {
  open,   ///< something public, or nothing at all
  gated,  ///< only what needs AUTH
  if_capability,  ///< group messages by id: only what needs AUTH, unless one of the groups is a capability group
};
[[nodiscard]] Reach anonymous_reach(const Config& config, const nostr::Filter& filter);

}  // namespace extensions::mls_gateway
