#include "extensions/mls_gateway/rows.h"

#include <algorithm>

namespace extensions::mls_gateway {
namespace {

constexpr std::string_view references = "mls_gateway/k/";
constexpr std::string_view consumed = "mls_gateway/e/";
constexpr std::string_view hand_outs = "mls_gateway/q/";

std::string join(std::string_view a, std::string_view b, std::string_view c = {}) {
  std::string key;
  key.reserve(a.size() + b.size() + c.size());
  return key.append(a).append(b).append(c);
}

void put_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

/// Takes fields off the front; `bad` once there was too little.
struct Reader {
  std::string_view rest;
  bool bad = false;

  std::string_view take(std::size_t n) {
    bad |= rest.size() < n;
    const auto field = rest.substr(0, n);
    rest.remove_prefix(std::min(n, rest.size()));
    return field;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (const char byte : take(8)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }
  base::Bytes32 bytes32() {
    base::Bytes32 value;
    std::ranges::copy(take(32), value.bytes.begin());
    return value;
  }
  [[nodiscard]] bool complete() const { return !bad && rest.empty(); }
};

}  // namespace

std::string group_key(std::string_view group_id) { return join(all_groups, group_id); }

std::string upgrade_key(std::string_view group_id) { return join(all_upgrades, group_id); }

std::optional<std::string_view> parse_upgrade_key(std::string_view key) {
  if (!key.starts_with(all_upgrades)) return std::nullopt;
  return key.substr(all_upgrades.size());
}

std::string member_prefix(std::string_view group_id) {
  // The length in front keeps "ab" + key apart from "a" + "b…".
  return join(all_members, std::string(1, static_cast<char>(group_id.size())), group_id);
}

std::string member_key(std::string_view group_id, const nostr::PublicKey& member) {
  return member_prefix(group_id).append(member.view());
}

std::optional<nostr::PublicKey> parse_member_key(std::string_view key, std::string_view group_id) {
  const std::size_t prefix = all_members.size() + 1 + group_id.size();
  if (key.size() != prefix + 32) return std::nullopt;
  return Reader{key.substr(prefix)}.bytes32();
}

std::string membership_prefix(const nostr::PublicKey& member) {
  return join(all_memberships, member.view());
}

std::string membership_key(const nostr::PublicKey& member, std::string_view group_id) {
  return join(all_memberships, member.view(), group_id);
}

std::optional<std::pair<nostr::PublicKey, std::string_view>> parse_membership_key(
    std::string_view key) {
  if (!key.starts_with(all_memberships)) return std::nullopt;
  Reader reader{key.substr(all_memberships.size())};
  const nostr::PublicKey member = reader.bytes32();
  if (reader.bad) return std::nullopt;
  return std::pair{member, reader.rest};
}

std::string key_reference_key(std::string_view reference) { return join(references, reference); }
std::string consumed_key(const nostr::EventId& event) { return join(consumed, event.view()); }
std::string pool_key(const nostr::PublicKey& owner) { return join(all_pools, owner.view()); }
std::string hand_outs_key(const nostr::PublicKey& requester, const nostr::PublicKey& owner) {
  return join(hand_outs, requester.view(), owner.view());
}

std::string encode(const Group& group) {
  std::string out(1, static_cast<char>(group.mode));
  out += static_cast<char>(group.founder.has_value());
  out += group.founder.value_or(nostr::PublicKey{}).view();
  put_number(out, static_cast<std::uint64_t>(group.created_at));
  put_number(out, static_cast<std::uint64_t>(group.last_activity));
  put_number(out, group.last_epoch);
  put_number(out, group.member_count);
  put_number(out, group.admin_count);
  put_number(out, group.roster_seq);
  out += group.roster_event.view();
  out += group.display_name;
  return out;
}

std::optional<Group> decode_group(std::string_view bytes) {
  Reader reader{bytes};
  const auto flags = reader.take(2);
  const nostr::PublicKey founder = reader.bytes32();
  Group group;
  group.created_at = static_cast<base::UnixSeconds>(reader.number());
  group.last_activity = static_cast<base::UnixSeconds>(reader.number());
  group.last_epoch = reader.number();
  group.member_count = static_cast<std::uint32_t>(reader.number());
  group.admin_count = static_cast<std::uint32_t>(reader.number());
  group.roster_seq = reader.number();
  group.roster_event = reader.bytes32();
  group.display_name = reader.take(reader.rest.size());
  if (!reader.complete() || (flags[0] != 1 && flags[0] != 2)) return std::nullopt;
  group.mode = static_cast<GroupMode>(flags[0]);
  if (flags[1]) group.founder = founder;
  return group;
}

std::string encode(const KeyPackageRow& row) {
  std::string out(row.event.view());
  put_number(out, static_cast<std::uint64_t>(row.expires_at));
  out += static_cast<char>(row.consumed);
  return out;
}

std::optional<KeyPackageRow> decode_key_package(std::string_view bytes) {
  Reader reader{bytes};
  KeyPackageRow row{.event = reader.bytes32(),
                    .expires_at = static_cast<base::UnixSeconds>(reader.number()),
                    .consumed = reader.take(1) == std::string_view("\1", 1)};
  if (!reader.complete()) return std::nullopt;
  return row;
}

std::string encode(Role role) { return std::string(1, static_cast<char>(role)); }

std::optional<Role> decode_role(std::string_view bytes) {
  if (bytes.size() != 1 || (bytes[0] != 1 && bytes[0] != 2)) return std::nullopt;
  return static_cast<Role>(bytes[0]);
}

std::string encode(const Pool& pool) {
  std::string out;
  for (const PooledPackage& package : pool) {
    out += package.event.view();
    put_number(out, static_cast<std::uint64_t>(package.expires_at));
    put_number(out, package.slot);
    out += static_cast<char>(package.kind);
    out += static_cast<char>(package.last_resort);
  }
  return out;
}

std::optional<Pool> decode_pool(std::string_view bytes) {
  Pool pool;
  Reader reader{bytes};
  while (!reader.complete()) {
    PooledPackage& package = pool.emplace_back();
    package.event = reader.bytes32();
    package.expires_at = static_cast<base::UnixSeconds>(reader.number());
    package.slot = reader.number();
    const auto flags = reader.take(2);
    if (reader.bad) return std::nullopt;
    package.kind = static_cast<PooledPackage::Kind>(flags[0]);
    package.last_resort = flags[1] != 0;
  }
  return pool;
}

std::string encode(const HandOuts& times) {
  std::string out;
  for (const base::UnixSeconds time : times) put_number(out, static_cast<std::uint64_t>(time));
  return out;
}

std::optional<HandOuts> decode_hand_outs(std::string_view bytes) {
  HandOuts times;
  Reader reader{bytes};
  while (!reader.complete()) {
    times.push_back(static_cast<base::UnixSeconds>(reader.number()));
    if (reader.bad) return std::nullopt;
  }
  return times;
}

}  // namespace extensions::mls_gateway
