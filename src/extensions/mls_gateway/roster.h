#pragma once
// Roster events (450): a group's members and admins, changed by signed orders. Pure; all state is in rows.
#include <cstdint>
#include <expected>
#include <optional>
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
  seat,     ///< makes members of them, of admins too; over HTTP only
};

/// What a 450 orders.
struct RosterOrder {
  RosterOp op = RosterOp::add;
  std::uint64_t seq = 0;                 ///< 0 where there is none: in a `leave`, over HTTP
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

/// An admin by the key it proved, or the operator (nullopt).
using Orderer = std::optional<nostr::PublicKey>;

/// The same orders without an event, over HTTP: add, remove, promote, seat. Without a `seq` whatever the current one is; in
/// both cases the roster moves on, so that an order that was signed before does not undo this one. What changes nothing has no
/// effects. REQUIRES: `order` names its keys.
void order_reads(std::string_view group_id, const Orderer& orderer, const RosterOrder& order,
                 store::Reads& reads);
[[nodiscard]] std::expected<store::Staged, store::Refusal> accept_order(std::string_view group_id,
                                                                        const Orderer& orderer,
                                                                        RosterOrder order,
                                                                        const store::RowView& rows,
                                                                        base::UnixSeconds now);

/// What an order is refused with when whoever gives it is not in the group, or there is none.
[[nodiscard]] store::Refusal outsiders_order();

/// A key that vanishes (NIP-62) leaves all its groups, even as their last admin.
void vanish_reads(const nostr::PublicKey& key, store::Reads& reads);
[[nodiscard]] store::Staged leave_all_groups(const nostr::PublicKey& key,
                                             const store::RowView& rows);

}  // namespace extensions::mls_gateway
