#include "extensions/mls_gateway/groups.h"

#include <algorithm>
#include <charconv>

#include "extensions/mls_gateway/group_draft.h"
#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {
namespace {

using store::Refusal;
using store::RowView;
using store::Staged;
using Decision = std::expected<Staged, Refusal>;

std::uint64_t epoch_of(const nostr::Event& event) {
  std::uint64_t epoch = 0;
  if (const auto text = event.tags.first("k"))
    std::from_chars(text->data(), text->data() + text->size(), epoch);
  return epoch;
}

/// What the publisher is to the group: by its rows, or, with a sidecar, as the sidecar just said.
std::optional<Role> standing_of(const Config& config, const Publication& publication,
                                const GroupDraft& draft) {
  if (config.membership != "acl") return draft.role_of(publication.viewer);
  if (publication.note & Note::admin_by_acl) return Role::admin;
  return publication.note & Note::member_by_acl ? std::optional(Role::member) : std::nullopt;
}

/// The viewer becomes owner, admin and member, by the key that signed or else the first it proved.
std::expected<void, Refusal> found_gated(const Config& config, const Publication& publication,
                                         GroupDraft& draft) {
  const nostr::Viewer& viewer = publication.viewer;
  const bool by_acl = config.membership == "acl";
  const bool allowed = by_acl ? standing_of(config, publication, draft).has_value()
                              : config.membership == "giftwrap";
  if (viewer.anonymous() || !allowed || !may_found(config, viewer)) return refuse_outsider(viewer);
  const nostr::PublicKey founder =
      viewer.proves(publication.event.pubkey) ? publication.event.pubkey : viewer.keys.front();
  draft.found({.mode = GroupMode::gated,
               .founder = founder,
               .created_at = publication.now,
               .last_activity = publication.now});
  if (!by_acl) draft.set_role(founder, Role::admin);
  return {};
}

void found_capability(const Publication& publication, GroupDraft& draft) {
  Group group{.mode = GroupMode::capability,
              .created_at = publication.now,
              .last_activity = publication.now};
  if (!publication.viewer.anonymous()) group.founder = publication.viewer.keys.front();
  draft.found(std::move(group));
}

std::optional<Refusal> refuse_capability(const Config& config, const nostr::Viewer& viewer) {
  if (config.marmot == "off") return refuse_outsider(viewer).error();
  if (config.marmot == "require-auth" && viewer.anonymous())
    return Refusal{
        "auth-required: this relay takes group messages from authenticated clients (NIP-42)"};
  return std::nullopt;
}

/// Epochs only rise: a late message must not set the registry back.
void move_on(GroupDraft& draft, const Publication& publication) {
  const std::uint64_t epoch = epoch_of(publication.event);
  if (epoch > draft.group().last_epoch) draft.change().last_epoch = epoch;
  if (publication.now >= draft.group().last_activity + activity_step_s)
    draft.change().last_activity = publication.now;
}

}  // namespace

bool is_gateway_dialect(const nostr::Event& event, const nostr::Viewer& viewer) {
  return event.tags.first("k") || viewer.proves(event.pubkey);
}

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
  auto draft = GroupDraft::open(group_id(publication.event), rows);
  if (!draft) return std::unexpected(draft.error());
  const bool is_new = !draft->exists();
  if (is_new && is_gateway_dialect(publication.event, publication.viewer)) {
    if (auto founded = found_gated(config, publication, *draft); !founded)
      return std::unexpected(founded.error());
  } else if (is_new) {
    found_capability(publication, *draft);
  }
  std::uint8_t mark = Mark::of_gated_group;
  if (draft->group().mode == GroupMode::capability) {
    if (auto refusal = refuse_capability(config, publication.viewer))
      return std::unexpected(std::move(*refusal));
    mark = Mark::of_capability_group;
  } else if (!is_new && !standing_of(config, publication, *draft)) {
    return refuse_outsider(publication.viewer);
  }
  move_on(*draft, publication);
  return std::move(*draft).finish(mark);
}

Decision accept_invitation(const Config& config, const Publication& publication,
                           const RowView& rows) {
  const auto invited = *base::from_hex<nostr::PublicKey>(*publication.event.tags.first("p"));
  auto draft = GroupDraft::open(group_id(publication.event), rows);
  if (!draft) return std::unexpected(draft.error());
  if (!draft->exists()) {
    if (auto founded = found_gated(config, publication, *draft); !founded)
      return std::unexpected(founded.error());
  } else if (draft->group().mode == GroupMode::capability) {
    return refuse("restricted: this group's id is its credential; it takes no invitations");
  } else {
    const auto role = standing_of(config, publication, *draft);
    if (!role) return refuse_outsider(publication.viewer);
    if (config.invite_by == "admins" && *role != Role::admin)
      return refuse("restricted: only an admin may invite into this group");
  }
  if (config.membership == "giftwrap" && !draft->role_of(invited)) {
    if (draft->group().member_count >= max_group_members) return refuse(group_is_full());
    draft->set_role(invited, Role::member);
  }
  move_on(*draft, publication);
  return std::move(*draft).finish(Mark::unmarked);
}

}  // namespace extensions::mls_gateway
