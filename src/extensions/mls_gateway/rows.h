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
};

/// last_activity moves in steps, so that a chatty group does not rewrite its row for every message.
inline constexpr base::UnixSeconds activity_step_s = 60;

/// A live key package, found by its reference.
struct KeyPackageRow {
  nostr::EventId event;
  base::UnixSeconds expires_at = 0;  ///< 0: never
};

/// When each of an owner's key packages expires (0: never). Times and not a number, so that the expired ones stop
/// counting at once and not when they are purged.
using PackageEnds = std::vector<base::UnixSeconds>;

inline constexpr std::size_t max_group_id_bytes = 128;
inline constexpr std::size_t max_key_reference_bytes = 256;

[[nodiscard]] std::string group_key(std::string_view group_id);
/// Members of a group.
[[nodiscard]] std::string member_key(std::string_view group_id, const nostr::PublicKey& member);
/// Groups of a member: the same fact by the other end.
[[nodiscard]] std::string membership_key(const nostr::PublicKey& member, std::string_view group_id);
[[nodiscard]] std::string membership_prefix(const nostr::PublicKey& member);
/// (member, group id) of a membership_key; nullopt for any other key. The view is into `key`.
[[nodiscard]] std::optional<std::pair<nostr::PublicKey, std::string_view>> parse_membership_key(
    std::string_view key);
[[nodiscard]] std::string key_reference_key(std::string_view reference);
[[nodiscard]] std::string packages_key(const nostr::PublicKey& owner);

// Values. decode_*: nullopt for bytes that do not make sense.
[[nodiscard]] std::string encode(const Group& group);
[[nodiscard]] std::string encode(const KeyPackageRow& row);
[[nodiscard]] std::string encode(Role role);
[[nodiscard]] std::string encode(const PackageEnds& ends);
[[nodiscard]] std::optional<Group> decode_group(std::string_view bytes);
[[nodiscard]] std::optional<KeyPackageRow> decode_key_package(std::string_view bytes);
[[nodiscard]] std::optional<Role> decode_role(std::string_view bytes);
[[nodiscard]] std::optional<PackageEnds> decode_package_ends(std::string_view bytes);

}  // namespace extensions::mls_gateway
