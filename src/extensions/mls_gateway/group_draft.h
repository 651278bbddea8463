#pragma once
// A group as one decision reads and changes it. Pure; all state is in rows.
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {

/// A group's row with the changes that a decision makes to it and to its members, in step: what is counted, both ends of
/// a membership, the row itself. `rows` outlives it.
class GroupDraft {
 public:
  /// An entry that cannot be read is an error, never "no such group".
  [[nodiscard]] static std::expected<GroupDraft, store::Refusal> open(std::string_view id,
                                                                      const store::RowView& rows);

  [[nodiscard]] std::string_view id() const { return id_; }
  /// Does it change anything?
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] bool exists() const { return group_.has_value(); }
  /// REQUIRES: exists().
  [[nodiscard]] const Group& group() const { return *group_; }
  /// REQUIRES: exists().
  [[nodiscard]] Group& change() {
    changed_ = true;
    return *group_;
  }
  void found(Group group) {
    group_ = std::move(group);
    changed_ = true;
  }

  /// The role of a key, with what this draft changed. REQUIRES: its row was declared.
  [[nodiscard]] std::optional<Role> role_of(const nostr::PublicKey& key) const;
  /// The strongest role that the viewer's keys have; nullopt for an outsider.
  [[nodiscard]] std::optional<Role> role_of(const nostr::Viewer& viewer) const;
  /// nullopt: not a member any more.
  void set_role(const nostr::PublicKey& key, std::optional<Role> role);

  /// What the draft changes, as the commit wants it.
  [[nodiscard]] store::Staged finish(std::uint8_t mark) &&;

 private:
  GroupDraft(std::string_view id, const store::RowView& rows) : id_(id), rows_(&rows) {}

  std::string id_;
  const store::RowView* rows_;
  std::optional<Group> group_;
  bool changed_ = false;
  std::map<nostr::PublicKey, std::optional<Role>> roles_;  // as changed
};

/// One answer for "this group is gated and you are not in it" and "there is none and you may not found it": it tells an
/// outsider nothing about which groups exist.
[[nodiscard]] std::unexpected<store::Refusal> refuse_outsider(const nostr::Viewer& viewer);
[[nodiscard]] std::unexpected<store::Refusal> refuse(std::string reason);

/// May the viewer found a gated group at all (`group_creation`)?
[[nodiscard]] bool may_found(const Config& config, const nostr::Viewer& viewer);

/// REQUIRES: the event has an `h`.
[[nodiscard]] std::string_view group_id(const nostr::Event& event);

}  // namespace extensions::mls_gateway
