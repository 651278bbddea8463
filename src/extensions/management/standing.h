#pragma once
#include <set>
#include <string>

#include "extensions/management/config.h"
#include "extensions/management/rows.h"
#include "relay/extension/access_lists.h"
#include "store/rows.h"

namespace extensions::management {

/// What the operator has changed of what the relay says of itself; empty: as configured.
struct Announcement {
  std::string name{}, description{}, icon{};
  bool restricts_writes = false;  ///< only some keys, or some kinds, may be written
  friend bool operator==(const Announcement&, const Announcement&) = default;
};

/// The lists as a worker knows them: what the rows say, commit by commit, without reasons, and without banned events,
/// which the commit looks up itself. Confined to a thread.
class Standing {
 public:
  void configure(const Config& config);

  /// What a change of rows means to those who are here.
  enum class Effect { none, lists, denies };
  /// `denies`: somebody who was welcome may not be any more.
  Effect apply(const store::RowChange& change);

  [[nodiscard]] const relay::AccessLists& access() const { return access_; }
  [[nodiscard]] Announcement announcement() const;

 private:
  void apply_to_kinds(List list, nostr::Kind kind, bool present);
  void apply_to_networks(const base::IpNetwork& network, bool present);
  void apply_to_texts(std::string_view item, const std::optional<std::string>& value);

  relay::AccessLists access_;
  std::set<nostr::Kind> allowed_kinds_, disallowed_kinds_;
  Announcement said_;
};

}  // namespace extensions::management
