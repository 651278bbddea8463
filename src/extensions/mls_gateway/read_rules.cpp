#include "extensions/mls_gateway/read_rules.h"

#include <algorithm>
#include <chrono>

#include "extensions/mls_gateway/rows.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

bool is_recipient(const nostr::Event& event, const nostr::Viewer& viewer) {
  for (const nostr::Tag tag : event.tags) {
    if (tag.name() != "p") continue;
    const auto key = base::from_hex<nostr::PublicKey>(tag.value());
    if (key && viewer.proves(*key)) return true;
  }
  return false;
}

bool names_group(const nostr::Filter& filter, std::string_view group_id) {
  const auto* groups = filter.tag('h');
  return groups && std::ranges::binary_search(*groups, group_id);
}

/// By its kinds it can match what is for the members of a group.
bool asks_for_groups(const nostr::Filter& filter) {
  return !filter.kinds || std::ranges::any_of(*filter.kinds, [](nostr::Kind kind) {
    return kind == nostr::kind::group_message || kind == nostr::kind::roster;
  });
}

bool is_member(const ReadState& state, const nostr::Viewer& viewer, std::string_view group) {
  if (!state.acl) return state.memberships.is_member(viewer, group);
  if (viewer.anonymous()) return false;
  const auto now = std::chrono::steady_clock::now();
  return std::ranges::any_of(viewer.keys, [&](const nostr::PublicKey& key) {
    return is_inside(state.acl->known(key, group, now));
  });
}

bool may_read_of_group(const ReadState& state, const store::StoredEvent& stored,
                       const nostr::Viewer& viewer, const nostr::Filter& filter) {
  const auto group = stored.event->tags.first("h");
  if (!group || !knows_members(state)) return false;
  if (stored.mark == Mark::of_capability_group && !is_for_members(state.upgraded, stored)) {
    const std::string& marmot = state.config.marmot;
    if (marmot == "off" || (marmot == "require-auth" && viewer.anonymous())) return false;
    return names_group(filter, *group);
  }
  if (stored.mark == Mark::unmarked || !is_member(state, viewer, *group)) return false;
  const bool narrowed = state.config.p_hint == "narrow" &&
                        stored.event->kind == nostr::kind::group_message &&
                        stored.event->tags.first("p");
  return !narrowed || is_recipient(*stored.event, viewer);
}

bool may_read_package(const Config& config, const nostr::Event& event,
                      const nostr::Viewer& viewer) {
  if (!event.tags.first("p")) return true;
  // For a single use others are given packages one by one (hand_out), never by what a filter happens to match.
  return config.keypackage_delivery == "single_use" ? viewer.proves(event.pubkey)
                                                    : !viewer.anonymous();
}

}  // namespace

bool knows_members(const ReadState& state) {
  const std::chrono::seconds ttl(state.config.group_cache_ttl);
  return !state.contact || state.contact->within(std::max(ttl, least_patience));
}

bool is_for_members(const UpgradedGroups& upgraded, const store::StoredEvent& stored) {
  if (stored.mark == Mark::of_gated_group) return true;
  if (stored.mark != Mark::of_capability_group || upgraded.empty()) return false;
  const auto group = stored.event->tags.first("h");
  return group && upgraded.contains(*group);
}

bool may_read(const ReadState& state, const store::StoredEvent& stored, const nostr::Viewer& viewer,
              const nostr::Filter& filter) {
  switch (stored.event->kind) {
    case nostr::kind::key_package:
      return may_read_package(state.config, *stored.event, viewer);
    case nostr::kind::welcome:
      return false;
    case nostr::kind::group_message:
    case nostr::kind::roster:
      return may_read_of_group(state, stored, viewer, filter);
    case nostr::kind::noise_dm:
    case nostr::kind::gift_wrap:
    case nostr::kind::ephemeral_gift_wrap:
      return is_recipient(*stored.event, viewer);
    default:
      return true;
  }
}

bool reaches_group(const nostr::Filter& filter, std::string_view group_id) {
  return asks_for_groups(filter) && (!filter.tag('h') || names_group(filter, group_id));
}

std::vector<std::string> groups_asked_for(const nostr::Filter& filter) {
  const auto* groups = filter.tag('h');
  if (!groups || !asks_for_groups(filter)) return {};
  std::vector<std::string> named = *groups;
  std::erase_if(named, [](const auto& id) { return id.empty() || id.size() > max_group_id_bytes; });
  return named;
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
