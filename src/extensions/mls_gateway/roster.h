#pragma once
// Roster events (450): a group's members and admins, changed by signed orders. Pure; all state is in rows.
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "extensions/mls_gateway/decision.h"

namespace extensions::mls_gateway {

enum class RosterOp : std::uint8_t {
  bootstrap,  ///< founds the group, or makes a capability group a gated one
  add,
  remove,
  promote,  ///< to admin, strangers too
  demote,   ///< from admin to member
  replace,  ///< the members are exactly these afterwards
  rename,   ///< sets the display name
  leave,    ///< by the member itself
};

/// What a 450 orders.
struct RosterOrder {
  RosterOp op = RosterOp::add;
  std::uint64_t seq = 0;                 ///< 0 in a `leave`, which needs none
  std::vector<nostr::PublicKey> keys{};  ///< of the `p` tags, sorted, each once
  std::string name{};                    ///< of a `rename`
};

/// The error is a reason with its prefix.
[[nodiscard]] std::expected<RosterOrder, std::string> parse_roster_order(const nostr::Event& event);

/// Rows that accept_roster() looks at. REQUIRES: parse_roster_order() passed.
void roster_reads(const nostr::Event& event, store::Reads& reads);

/// Check and effect in one: of two admins with one `seq` the second is told the current one. REQUIRES:
/// parse_roster_order() passed, the viewer proves the author.
[[nodiscard]] std::expected<store::Staged, store::Refusal> accept_roster(
    const Config& config, const Publication& publication, const store::RowView& rows);

/// A key that vanishes (NIP-62) leaves all its groups, even as their last admin.
void vanish_reads(const nostr::PublicKey& key, store::Reads& reads);
[[nodiscard]] store::Staged leave_all_groups(const nostr::PublicKey& key,
                                             const store::RowView& rows);

}  // namespace extensions::mls_gateway
