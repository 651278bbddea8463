#include "extensions/mls_gateway/group_draft.h"

#include <algorithm>

namespace extensions::mls_gateway {

using store::Refusal;

std::unexpected<Refusal> refuse(std::string reason) {
  return std::unexpected(Refusal{std::move(reason)});
}

std::unexpected<Refusal> refuse_outsider(const nostr::Viewer& viewer) {
  return viewer.anonymous()
             ? refuse("auth-required: authenticate as a member or founder of this group (NIP-42)")
             : refuse("restricted: you are neither a member of this group nor may you found it");
}

bool may_found(const Config& config, const nostr::Viewer& viewer) {
  return !config.founders_restricted || std::ranges::any_of(viewer.keys, [&](const auto& key) {
    return std::ranges::binary_search(config.founders, key);
  });
}

std::string_view group_id(const nostr::Event& event) { return *event.tags.first("h"); }

std::expected<GroupDraft, Refusal> GroupDraft::open(std::string_view id,
                                                    const store::RowView& rows) {
  GroupDraft draft(id, rows);
  if (const auto row = rows.get(group_key(id))) {
    draft.group_ = decode_group(*row);
    if (!draft.group_) return refuse("error: the group's entry cannot be read; tell the operator");
  }
  return draft;
}

std::optional<Role> GroupDraft::role_of(const nostr::PublicKey& key) const {
  if (const auto changed = roles_.find(key); changed != roles_.end()) return changed->second;
  const auto row = rows_->get(member_key(id_, key));
  return row ? decode_role(*row) : std::nullopt;
}

std::optional<Role> GroupDraft::role_of(const nostr::Viewer& viewer) const {
  std::optional<Role> strongest;
  for (const auto& key : viewer.keys) strongest = std::max(strongest, role_of(key));
  return strongest;
}

void GroupDraft::set_role(const nostr::PublicKey& key, std::optional<Role> role) {
  const auto before = role_of(key);
  if (before == role) return;
  Group& group = change();
  group.member_count +=
      static_cast<std::uint32_t>(role.has_value()) - static_cast<std::uint32_t>(before.has_value());
  group.admin_count += static_cast<std::uint32_t>(role == Role::admin) -
                       static_cast<std::uint32_t>(before == Role::admin);
  roles_[key] = role;
}

store::Staged GroupDraft::finish(std::uint8_t mark) && {
  store::Staged staged{.mark = mark};
  const auto value = [](std::optional<Role> role) {
    return role ? std::optional(encode(*role)) : std::nullopt;
  };
  for (const auto& [key, role] : roles_) {
    staged.changes.push_back({member_key(id_, key), value(role)});
    staged.changes.push_back({membership_key(key, id_), value(role)});
  }
  if (changed_) staged.changes.push_back({group_key(id_), encode(*group_)});
  return staged;
}

}  // namespace extensions::mls_gateway
