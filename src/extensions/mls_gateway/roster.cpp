#include "extensions/mls_gateway/roster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "extensions/mls_gateway/group_draft.h"
#include "extensions/mls_gateway/groups.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/text.h"

namespace extensions::mls_gateway {
namespace {

using store::Refusal;
using store::RowView;
using store::Staged;
using Effect = std::expected<void, Refusal>;

constexpr std::array<std::pair<std::string_view, RosterOp>, 8> ops = {{
    {"bootstrap", RosterOp::bootstrap},
    {"add", RosterOp::add},
    {"remove", RosterOp::remove},
    {"promote", RosterOp::promote},
    {"demote", RosterOp::demote},
    {"replace", RosterOp::replace},
    {"rename", RosterOp::rename},
    {"leave", RosterOp::leave},
}};

bool needs_keys(RosterOp op) {
  using enum RosterOp;
  return op == add || op == remove || op == promote || op == demote || op == replace;
}

std::expected<std::vector<nostr::PublicKey>, std::string> keys_of(const nostr::Event& event) {
  std::vector<nostr::PublicKey> keys;
  for (const nostr::Tag tag : event.tags) {
    if (tag.name() != "p") continue;
    const auto key = base::from_hex<nostr::PublicKey>(tag.value());
    if (!key)
      return std::unexpected("invalid: `p` must be a public key, 64 lowercase hex characters");
    keys.push_back(*key);
  }
  std::ranges::sort(keys);
  if (std::ranges::adjacent_find(keys) != keys.end())
    return std::unexpected("invalid: a roster event names each key once");
  return keys;
}

std::expected<std::string, std::string> name_of(const nostr::Event& event) {
  const auto name = event.tags.first("name");
  if (event.tags.count("name") != 1 || name->size() > max_display_name_bytes ||
      has_control_characters(*name))
    return std::unexpected(fmt::format(
        "invalid: `rename` has one `name` tag of at most {} bytes without control characters",
        max_display_name_bytes));
  return std::string(*name);
}

/// Times in microseconds are fine; a leap to the end of all numbers would freeze the group for good.
Effect check_step(base::UnixSeconds now, const RosterOrder& order, std::uint64_t current) {
  constexpr std::uint64_t max_step = 1ULL << 32;
  const auto now_us = static_cast<std::uint64_t>(now) * 1'000'000;
  if (order.seq <= std::max(current, now_us) + max_step) return {};
  return refuse(fmt::format("invalid: seq is too far ahead, the current one is {}", current));
}

/// The recorded founder of a capability group, or an operator, may make it a gated one; nobody else learns more than an
/// outsider.
Effect bootstrap(const Config& config, const Publication& publication, const RosterOrder& order,
                 GroupDraft& draft) {
  const nostr::PublicKey& author = publication.event.pubkey;
  const bool exists = draft.exists();
  if (exists && draft.group().mode == GroupMode::gated) {
    if (draft.role_of(author) == Role::admin)
      return refuse("invalid: this group exists already; change it with the other operations");
    return refuse_outsider(publication.viewer);
  }
  const bool by_operator = std::ranges::binary_search(config.operators, author);
  if (exists && draft.group().founder != author && !by_operator)
    return refuse_outsider(publication.viewer);
  if (!by_operator && !may_found(config, publication.viewer))
    return refuse_outsider(publication.viewer);
  if (auto step = check_step(publication.now, order, 0); !step) return step;
  if (!exists) draft.found({.created_at = publication.now, .last_activity = publication.now});
  draft.change().mode = GroupMode::gated;
  draft.change().founder = author;
  draft.set_role(author, Role::admin);
  for (const auto& key : order.keys) {
    if (key != author) draft.set_role(key, Role::member);
  }
  return {};
}

void replace(const RosterOrder& order, const RowView& rows, GroupDraft& draft) {
  const std::string_view id = draft.id();
  for (const store::Row& row : rows.scan(member_prefix(id))) {
    const auto key = parse_member_key(row.key, id);
    if (key && !std::ranges::binary_search(order.keys, *key)) draft.set_role(*key, std::nullopt);
  }
  // Whoever was an admin stays one; where none is left, the new members take over: so the key of one epoch hands the group
  // to the key of the next.
  const Role role = draft.group().admin_count == 0 ? Role::admin : Role::member;
  for (const auto& key : order.keys) {
    if (role == Role::admin || !draft.role_of(key)) draft.set_role(key, role);
  }
}

void set_roles(const RosterOrder& order, GroupDraft& draft) {
  for (const auto& key : order.keys) {
    const auto role = draft.role_of(key);
    switch (order.op) {
      case RosterOp::add:
        if (!role) draft.set_role(key, Role::member);
        break;
      case RosterOp::remove:
        draft.set_role(key, std::nullopt);
        break;
      case RosterOp::promote:
        draft.set_role(key, Role::admin);
        break;
      case RosterOp::demote:
        if (role) draft.set_role(key, Role::member);
        break;
      case RosterOp::seat:
        draft.set_role(key, Role::member);
        break;
      default:
        break;
    }
  }
}

/// Who orders, when, and what an outsider is told.
struct Order {
  const Orderer& orderer;
  base::UnixSeconds now;
  const Refusal& outsider;
};

/// Is it allowed to?
Effect authorize(const Order& given, const RosterOrder& order, const GroupDraft& draft) {
  const bool gated = draft.exists() && draft.group().mode == GroupMode::gated;
  const auto role =
      !gated ? std::nullopt : (given.orderer ? draft.role_of(*given.orderer) : Role::admin);
  if (!role) return std::unexpected(given.outsider);
  if (order.op != RosterOp::leave && *role != Role::admin)
    return refuse("restricted: only an admin of this group may change it");
  if (order.op != RosterOp::leave && order.seq <= draft.group().roster_seq)
    return refuse(
        fmt::format("invalid: stale seq, the current one is {}", draft.group().roster_seq));
  return check_step(given.now, order, draft.group().roster_seq);
}

Effect change_members(const Order& given, const RosterOrder& order, const RowView& rows,
                      GroupDraft& draft) {
  if (auto allowed = authorize(given, order, draft); !allowed) return allowed;
  const bool had_admin = draft.group().admin_count > 0;
  if (order.op == RosterOp::leave)
    draft.set_role(*given.orderer, std::nullopt);
  else if (order.op == RosterOp::replace)
    replace(order, rows, draft);
  else if (order.op == RosterOp::rename)
    draft.change().display_name = order.name;
  else
    set_roles(order, draft);
  if (had_admin && draft.group().admin_count == 0)
    return refuse("invalid: a group needs an admin; promote another one first");
  return {};
}

Effect change_by_event(const Publication& publication, const RosterOrder& order,
                       const RowView& rows, GroupDraft& draft) {
  const Refusal outsider = refuse_outsider(publication.viewer).error();
  const Orderer author = publication.event.pubkey;
  return change_members({author, publication.now, outsider}, order, rows, draft);
}

/// The roster moves on to this order, if the group has room for it.
Effect move_on(const RosterOrder& order, base::UnixSeconds now, GroupDraft& draft) {
  Group& group = draft.change();
  if (group.member_count > max_group_members) return refuse(group_is_full());
  if (order.op != RosterOp::leave) group.roster_seq = order.seq;
  group.last_activity = std::max(group.last_activity, now);
  return {};
}

bool is_repeated(const Publication& publication, const GroupDraft& draft) {
  return draft.exists() && draft.group().roster_event == publication.event.id &&
         draft.role_of(publication.event.pubkey);
}

}  // namespace

std::expected<RosterOrder, std::string> parse_roster_order(const nostr::Event& event) {
  RosterOrder order;
  const auto* op = std::ranges::find(ops, event.tags.first("op").value_or(""),
                                     [](const auto& entry) { return entry.first; });
  if (event.tags.count("op") != 1 || op == ops.end())
    return std::unexpected(
        "invalid: `op` is one of bootstrap, add, remove, promote, demote, replace, rename, leave");
  order.op = op->second;
  const auto seq = event.tags.first("seq");
  const auto number = seq ? decimal(*seq) : std::nullopt;
  if (event.tags.count("seq") > 1 || (seq && !number) || (!number && order.op != RosterOp::leave))
    return std::unexpected("invalid: `seq` must be one decimal number below 2^63");
  order.seq = static_cast<std::uint64_t>(number.value_or(0));
  auto keys = keys_of(event);
  if (!keys) return std::unexpected(std::move(keys.error()));
  order.keys = *std::move(keys);
  if (needs_keys(order.op) && order.keys.empty())
    return std::unexpected("invalid: this operation names its keys in `p` tags");
  if (order.op == RosterOp::rename) {
    auto name = name_of(event);
    if (!name) return std::unexpected(std::move(name.error()));
    order.name = *std::move(name);
  }
  return order;
}

void roster_reads(const nostr::Event& event, store::Reads& reads) {
  const std::string_view id = group_id(event);
  const auto order = parse_roster_order(event);
  reads.keys.push_back(group_key(id));
  reads.keys.push_back(member_key(id, event.pubkey));
  if (!order) return;
  for (const auto& key : order->keys) reads.keys.push_back(member_key(id, key));
  if (order->op == RosterOp::replace) reads.prefixes.push_back(member_prefix(id));
}

std::expected<Staged, Refusal> accept_roster(const Config& config, const Publication& publication,
                                             const RowView& rows) {
  const std::string_view id = group_id(publication.event);
  const auto order = parse_roster_order(publication.event);
  if (!order) return refuse(order.error());
  auto draft = GroupDraft::open(id, rows);
  if (!draft) return std::unexpected(draft.error());
  if (is_repeated(publication, *draft)) return Staged{};  // the store answers "duplicate"
  const bool upgrades = draft->exists() && draft->group().mode == GroupMode::capability;
  const auto changed = order->op == RosterOp::bootstrap
                           ? bootstrap(config, publication, *order, *draft)
                           : change_by_event(publication, *order, rows, *draft);
  if (!changed) return std::unexpected(changed.error());
  if (auto moved = move_on(*order, publication.now, *draft); !moved)
    return std::unexpected(moved.error());
  draft->change().roster_event = publication.event.id;
  Staged staged = std::move(*draft).finish(Mark::of_gated_group);
  if (upgrades) staged.changes.push_back({upgrade_key(id), std::string()});
  return staged;
}

void order_reads(std::string_view group_id, const Orderer& orderer, const RosterOrder& order,
                 store::Reads& reads) {
  reads.keys.push_back(group_key(group_id));
  if (orderer) reads.keys.push_back(member_key(group_id, *orderer));
  for (const auto& key : order.keys) reads.keys.push_back(member_key(group_id, key));
}

std::expected<Staged, Refusal> accept_order(std::string_view group_id, const Orderer& orderer,
                                            RosterOrder order, const RowView& rows,
                                            base::UnixSeconds now) {
  auto draft = GroupDraft::open(group_id, rows);
  if (!draft) return std::unexpected(draft.error());
  const bool any_seq = order.seq == 0;
  if (any_seq && draft->exists()) order.seq = draft->group().roster_seq + 1;
  const Refusal outsider = outsiders_order();
  const auto changed = change_members({orderer, now, outsider}, order, rows, *draft);
  if (!changed) return std::unexpected(changed.error());
  if (any_seq && !draft->changed()) return Staged{};
  if (auto moved = move_on(order, now, *draft); !moved) return std::unexpected(moved.error());
  return std::move(*draft).finish(Mark::unmarked);
}

Refusal outsiders_order() { return {"restricted: there is no group of this id that you are in"}; }

void vanish_reads(const nostr::PublicKey& key, store::Reads& reads) {
  reads.prefixes = {membership_prefix(key), std::string(all_groups), std::string(all_members)};
}

Staged leave_all_groups(const nostr::PublicKey& key, const RowView& rows) {
  Staged all;
  for (const store::Row& row : rows.scan(membership_prefix(key))) {
    const auto membership = parse_membership_key(row.key);
    auto draft = GroupDraft::open(membership->second, rows);
    if (!draft || !draft->exists()) continue;
    draft->set_role(key, std::nullopt);
    std::ranges::move(std::move(*draft).finish(Mark::unmarked).changes,
                      std::back_inserter(all.changes));
  }
  return all;
}

}  // namespace extensions::mls_gateway
