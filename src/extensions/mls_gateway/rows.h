#pragma once
// The gateway's rows: keys and values. docs/format/mls_gateway.md has the layouts.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nostr/event.h"

namespace extensions::mls_gateway {

/// Fixed by the first accepted event that names the group, never changed silently.
enum class GroupMode : std::uint8_t { gated = 1, capability = 2 };

/// What the commit leaves with a stored 445 or 450: how its group was run when it came.
enum Mark : std::uint8_t { unmarked = 0, of_gated_group = 1, of_capability_group = 2 };

enum class Role : std::uint8_t { member = 1, admin = 2 };

/// The registry's entry for one routing id.
struct Group {
  GroupMode mode = GroupMode::gated;
  std::optional<nostr::PublicKey>
      founder{};  ///< none when an anonymous client founded a capability group
  base::UnixSeconds created_at = 0;
  base::UnixSeconds last_activity = 0;  ///< coarse: see activity_step_s
  std::uint64_t last_epoch = 0;
  std::uint32_t member_count = 0;
  std::uint32_t admin_count = 0;
  std::uint64_t roster_seq = 0;   ///< of the last roster event (450) that took effect
  nostr::EventId roster_event{};  ///< that event: sent again it is a duplicate, not stale
  std::string display_name{};     ///< UTF-8, at most max_display_name_bytes
};

/// last_activity moves in steps, so that a chatty group does not rewrite its row for every message.
inline constexpr base::UnixSeconds activity_step_s = 60;

/// A key package found by its reference.
struct KeyPackageRow {
  nostr::EventId event;
  base::UnixSeconds expires_at = 0;  ///< 0: never
  bool consumed = false;             ///< handed out for good: the reference must not come again
};

/// What an owner's pool says of one live key package.
struct PooledPackage {
  enum Kind : std::uint8_t {
    owned = 1,    ///< 443 with `p`: may be handed out once
    reusable = 2  ///< 443 without `p`, 30443: read by whoever asks, as often as they ask
  };
  nostr::EventId event;
  base::UnixSeconds expires_at = 0;  ///< 0: never
  std::uint64_t slot = 0;            ///< of a 30443: stands for its `d`
  Kind kind = owned;
  bool last_resort = false;  ///< carries the MLS extension last_resort

  [[nodiscard]] bool live(base::UnixSeconds now) const {
    return expires_at == 0 || expires_at > now;
  }
};
/// In the order in which they came.
using Pool = std::vector<PooledPackage>;

/// When somebody was given packages of somebody else, oldest first.
using HandOuts = std::vector<base::UnixSeconds>;

inline constexpr std::size_t max_group_id_bytes = 128;
inline constexpr std::size_t max_display_name_bytes = 256;
inline constexpr std::size_t max_key_reference_bytes = 256;

[[nodiscard]] std::string group_key(std::string_view group_id);
/// There when a capability group became a gated one: what was stored before is then for its members too.
[[nodiscard]] std::string upgrade_key(std::string_view group_id);
/// The group id of an upgrade_key; nullopt for any other key. The view is into `key`.
[[nodiscard]] std::optional<std::string_view> parse_upgrade_key(std::string_view key);
/// Members of a group.
[[nodiscard]] std::string member_prefix(std::string_view group_id);
[[nodiscard]] std::string member_key(std::string_view group_id, const nostr::PublicKey& member);
/// Groups of a member: the same fact by the other end.
[[nodiscard]] std::string membership_key(const nostr::PublicKey& member, std::string_view group_id);
[[nodiscard]] std::string membership_prefix(const nostr::PublicKey& member);
/// (member, group id) of a membership_key; nullopt for any other key. The view is into `key`.
[[nodiscard]] std::optional<std::pair<nostr::PublicKey, std::string_view>> parse_membership_key(
    std::string_view key);
/// The member of a member_key below member_prefix(group_id).
[[nodiscard]] std::optional<nostr::PublicKey> parse_member_key(std::string_view key,
                                                               std::string_view group_id);
[[nodiscard]] std::string key_reference_key(std::string_view reference);
/// There while a consumed package's event must not come again.
[[nodiscard]] std::string consumed_key(const nostr::EventId& event);
[[nodiscard]] std::string pool_key(const nostr::PublicKey& owner);
[[nodiscard]] std::string hand_outs_key(const nostr::PublicKey& requester,
                                        const nostr::PublicKey& owner);

/// All rows of one kind, for Reads::prefixes and scans.
inline constexpr std::string_view all_groups = "mls_gateway/g/";
inline constexpr std::string_view all_members = "mls_gateway/m/";
inline constexpr std::string_view all_upgrades = "mls_gateway/u/";
inline constexpr std::string_view all_memberships = "mls_gateway/v/";
inline constexpr std::string_view all_pools = "mls_gateway/o/";

// Values. decode_*: nullopt for bytes that do not make sense.
[[nodiscard]] std::string encode(const Group& group);
[[nodiscard]] std::string encode(const KeyPackageRow& row);
[[nodiscard]] std::string encode(Role role);
[[nodiscard]] std::string encode(const Pool& pool);
[[nodiscard]] std::string encode(const HandOuts& times);
[[nodiscard]] std::optional<Group> decode_group(std::string_view bytes);
[[nodiscard]] std::optional<KeyPackageRow> decode_key_package(std::string_view bytes);
[[nodiscard]] std::optional<Role> decode_role(std::string_view bytes);
[[nodiscard]] std::optional<Pool> decode_pool(std::string_view bytes);
[[nodiscard]] std::optional<HandOuts> decode_hand_outs(std::string_view bytes);

}  // namespace extensions::mls_gateway
