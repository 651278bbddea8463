#include "extensions/mls_gateway/groups.h"

#include <algorithm>
#include <charconv>

#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {
namespace {

using store::Refusal;
using store::RowView;
using store::Staged;
using Decision = std::expected<Staged, Refusal>;

std::unexpected<Refusal> refuse(std::string reason) {
  return std::unexpected(Refusal{std::move(reason)});
}

/// One answer for "this group is gated and you are not in it" and "there is none and you may not found it": it tells an
/// outsider nothing about which groups exist.
std::unexpected<Refusal> refuse_outsider(const nostr::Viewer& viewer) {
  return viewer.anonymous()
             ? refuse("auth-required: authenticate as a member or founder of this group (NIP-42)")
             : refuse("restricted: you are neither a member of this group nor may you found it");
}

std::string_view group_id(const nostr::Event& event) { return *event.tags.first("h"); }

std::uint64_t epoch_of(const nostr::Event& event) {
  std::uint64_t epoch = 0;
  if (const auto text = event.tags.first("k"))
    std::from_chars(text->data(), text->data() + text->size(), epoch);
  return epoch;
}

/// The strongest role that the viewer's keys have in the group; nullopt for an outsider.
std::optional<Role> role_of(const nostr::Viewer& viewer, std::string_view group,
                            const RowView& rows) {
  std::optional<Role> strongest;
  for (const auto& key : viewer.keys) {
    const auto row = rows.get(member_key(group, key));
    if (const auto role = row ? decode_role(*row) : std::nullopt;
        role && (!strongest || *role > *strongest))
      strongest = role;
  }
  return strongest;
}

void put_member(Staged& staged, std::string_view group, const nostr::PublicKey& member, Role role) {
  staged.changes.push_back({member_key(group, member), encode(role)});
  staged.changes.push_back({membership_key(member, group), encode(role)});
}

/// A group's row, read: absent, or what it holds. A row that does not decode is an error, never "no such group".
std::expected<std::optional<Group>, Refusal> find_group(std::string_view id, const RowView& rows) {
  const auto row = rows.get(group_key(id));
  if (!row) return std::optional<Group>{};
  const auto group = decode_group(*row);
  if (!group) return refuse("error: the group's entry cannot be read; tell the operator");
  return group;
}

bool may_found(const Config& config, const nostr::Viewer& viewer) {
  return !config.founders_restricted || std::ranges::any_of(viewer.keys, [&](const auto& key) {
    return std::ranges::binary_search(config.founders, key);
  });
}

/// The viewer becomes owner, admin and member, by the key that signed or else the first it proved.
std::expected<Group, Refusal> found_gated(const Config& config, const Publication& publication,
                                          Staged& staged) {
  const nostr::Viewer& viewer = publication.viewer;
  if (viewer.anonymous() || !may_found(config, viewer)) return refuse_outsider(viewer);
  const nostr::PublicKey founder =
      viewer.proves(publication.event.pubkey) ? publication.event.pubkey : viewer.keys.front();
  put_member(staged, group_id(publication.event), founder, Role::admin);
  return Group{.mode = GroupMode::gated,
               .founder = founder,
               .created_at = publication.now,
               .last_activity = publication.now,
               .member_count = 1};
}

std::expected<Group, Refusal> found_capability(const Publication& publication) {
  Group group{.mode = GroupMode::capability,
              .created_at = publication.now,
              .last_activity = publication.now};
  if (!publication.viewer.anonymous()) group.founder = publication.viewer.keys.front();
  return group;
}

/// First use in gateway dialect: `k`, or signed by a key of the viewer. Anything else is a bare Marmot message.
bool is_gateway_dialect(const Publication& publication) {
  return publication.event.tags.first("k") || publication.viewer.proves(publication.event.pubkey);
}

std::optional<Refusal> refuse_capability(const Config& config, const nostr::Viewer& viewer) {
  if (config.marmot == "off") return refuse_outsider(viewer).error();
  if (config.marmot == "require-auth" && viewer.anonymous())
    return Refusal{
        "auth-required: this relay takes group messages from authenticated clients (NIP-42)"};
  return std::nullopt;
}

/// Epochs only rise: a late message must not set the registry back.
bool move_on(Group& group, const Publication& publication) {
  const Group before = group;
  group.last_epoch = std::max(group.last_epoch, epoch_of(publication.event));
  if (publication.now >= group.last_activity + activity_step_s)
    group.last_activity = publication.now;
  return group.last_epoch != before.last_epoch || group.last_activity != before.last_activity;
}

void put_group(Staged& staged, std::string_view id, const Group& group) {
  staged.changes.push_back({group_key(id), encode(group)});
}

}  // namespace

std::vector<std::string> group_rows(const Publication& publication) {
  const std::string_view group = group_id(publication.event);
  std::vector<std::string> keys{group_key(group)};
  for (const auto& key : publication.viewer.keys) keys.push_back(member_key(group, key));
  if (const auto recipient =
          base::from_hex<nostr::PublicKey>(publication.event.tags.first("p").value_or("")))
    keys.push_back(member_key(group, *recipient));
  return keys;
}

Decision accept_message(const Config& config, const Publication& publication, const RowView& rows) {
  const std::string_view id = group_id(publication.event);
  auto found = find_group(id, rows);
  if (!found) return std::unexpected(found.error());
  Staged staged;
  const bool is_new = !*found;
  if (is_new) {
    auto founded = is_gateway_dialect(publication) ? found_gated(config, publication, staged)
                                                   : found_capability(publication);
    if (!founded) return std::unexpected(founded.error());
    *found = *founded;
  }
  Group& group = **found;
  if (group.mode == GroupMode::capability) {
    if (auto refusal = refuse_capability(config, publication.viewer))
      return std::unexpected(std::move(*refusal));
    staged.mark = Mark::of_capability_group;
  } else {
    if (!is_new && !role_of(publication.viewer, id, rows))
      return refuse_outsider(publication.viewer);
    staged.mark = Mark::of_gated_group;
  }
  if (move_on(group, publication) || is_new) put_group(staged, id, group);
  return staged;
}

Decision accept_invitation(const Config& config, const Publication& publication,
                           const RowView& rows) {
  const std::string_view id = group_id(publication.event);
  const auto invited = *base::from_hex<nostr::PublicKey>(*publication.event.tags.first("p"));
  auto found = find_group(id, rows);
  if (!found) return std::unexpected(found.error());
  Staged staged;
  bool already_member = rows.get(member_key(id, invited)).has_value();
  if (!*found) {
    auto founded = found_gated(config, publication, staged);
    if (!founded) return std::unexpected(founded.error());
    *found = *founded;
    already_member = founded->founder == invited;
  } else if ((*found)->mode == GroupMode::capability) {
    return refuse("restricted: this group's id is its credential; it takes no invitations");
  } else {
    const auto role = role_of(publication.viewer, id, rows);
    if (!role) return refuse_outsider(publication.viewer);
    if (config.invite_by == "admins" && *role != Role::admin)
      return refuse("restricted: only an admin may invite into this group");
  }
  Group& group = **found;
  if (!already_member) {
    put_member(staged, id, invited, Role::member);
    ++group.member_count;
  }
  if (move_on(group, publication) || !already_member || !staged.changes.empty())
    put_group(staged, id, group);
  return staged;
}

}  // namespace extensions::mls_gateway
