#include "extensions/mls_gateway/read_rules.h"

#include <algorithm>

#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

bool is_recipient(const nostr::Event& event, const nostr::Viewer& viewer) {
  return std::ranges::any_of(viewer.keys, [&](const nostr::PublicKey& key) {
    const std::string hex = base::to_hex(key);
    for (const nostr::Tag tag : event.tags) {
      if (tag.name() == "p" && tag.value() == hex) return true;
    }
    return false;
  });
}

bool names_group(const nostr::Filter& filter, std::string_view group_id) {
  const auto* groups = filter.tag('h');
  return groups && std::ranges::binary_search(*groups, group_id);
}

bool may_read_of_group(const Config& config, const Memberships& memberships,
                       const store::StoredEvent& stored, const nostr::Viewer& viewer,
                       const nostr::Filter& filter) {
  const auto group = stored.event->tags.first("h");
  if (!group) return false;
  if (stored.mark == Mark::of_capability_group) {
    if (config.marmot == "off" || (config.marmot == "require-auth" && viewer.anonymous()))
      return false;
    return names_group(filter, *group);
  }
  if (stored.mark != Mark::of_gated_group || !memberships.is_member(viewer, *group)) return false;
  const bool narrowed = config.p_hint == "narrow" && stored.event->tags.first("p");
  return !narrowed || is_recipient(*stored.event, viewer);
}

}  // namespace

bool may_read(const Config& config, const Memberships& memberships,
              const store::StoredEvent& stored, const nostr::Viewer& viewer,
              const nostr::Filter& filter) {
  switch (stored.event->kind) {
    case nostr::kind::key_package:
      return !stored.event->tags.first("p") || !viewer.anonymous();
    case nostr::kind::welcome:
      return false;
    case nostr::kind::group_message:
    case nostr::kind::roster:
      return may_read_of_group(config, memberships, stored, viewer, filter);
    case nostr::kind::noise_dm:
    case nostr::kind::gift_wrap:
    case nostr::kind::ephemeral_gift_wrap:
      return is_recipient(*stored.event, viewer);
    default:
      return true;
  }
}

Reach anonymous_reach(const Config& config, const nostr::Filter& filter) {
  if (!filter.kinds || filter.kinds->empty()) return Reach::open;
  Reach reach = Reach::gated;
  for (const nostr::Kind kind : *filter.kinds) {
    switch (kind) {
      case nostr::kind::noise_dm:
      case nostr::kind::gift_wrap:
      case nostr::kind::ephemeral_gift_wrap:
      case nostr::kind::roster:
        break;
      case nostr::kind::key_package:
        if (!filter.tag('p')) return Reach::open;  // packages without `p` are public
        break;
      case nostr::kind::group_message:
        // A capability group is only read by its id.
        if (config.marmot == "capability" && filter.tag('h')) reach = Reach::if_capability;
        break;
      default:
        return Reach::open;
    }
  }
  return reach;
}

}  // namespace extensions::mls_gateway
