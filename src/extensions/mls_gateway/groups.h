#pragma once
// Groups: how one comes about, who may write to it, how an invitation makes a member. Pure; all state is in rows.
#include "extensions/mls_gateway/decision.h"

namespace extensions::mls_gateway {

inline constexpr std::uint32_t max_group_members = 10'000;
[[nodiscard]] inline std::string group_is_full() {
  return "blocked: this group is full; it has 10000 members";
}

/// Does a first use in this shape found a gated group? `k`, or signed by a key of the viewer; anything else is a bare
/// Marmot message, which founds a capability group.
[[nodiscard]] bool is_gateway_dialect(const nostr::Event& event, const nostr::Viewer& viewer);

/// Rows that accept_message() and accept_invitation() look at. REQUIRES: the event has one `h`.
[[nodiscard]] std::vector<std::string> group_rows(const Publication& publication);

/// A 445: founds its group or needs the right to write to it; moves epoch and activity.
[[nodiscard]] std::expected<store::Staged, store::Refusal> accept_message(
    const Config& config, const Publication& publication, const store::RowView& rows);

/// A 1059 with `h`: founds the group, or is sent by a member; its `p` becomes a member.
[[nodiscard]] std::expected<store::Staged, store::Refusal> accept_invitation(
    const Config& config, const Publication& publication, const store::RowView& rows);

}  // namespace extensions::mls_gateway
