#include "extensions/management/standing.h"

#include <algorithm>

namespace extensions::management {
namespace {

/// In a sorted list, each once.
void apply_to_keys(std::vector<nostr::PublicKey>& keys, const nostr::PublicKey& key, bool present) {
  const auto at = std::ranges::lower_bound(keys, key);
  const bool listed = at != keys.end() && *at == key;
  if (present && !listed) keys.insert(at, key);
  if (!present && listed) keys.erase(at);
}

nostr::KindSet kind_set(const std::set<nostr::Kind>& kinds) {
  nostr::KindSet set;
  for (const nostr::Kind kind : kinds) set.add(kind);
  return set;
}

}  // namespace

void Standing::configure(const Config& config) {
  access_.auth_offered = config.auth_offered;
  access_.open_kinds = {};
  for (const auto& text : config.open_kinds)
    access_.open_kinds.add(nostr::KindSet::parse(text).value());
}

Standing::Effect Standing::apply(const store::RowChange& change) {
  const auto entry = parse_row_key(change.key);
  if (!entry) return Effect::none;
  const bool present = change.value.has_value();
  const auto bytes = read_bytes(entry->item);
  const auto kind = read_kind(entry->item);
  const auto network = read_network(entry->item);
  switch (entry->list) {
    case List::banned_keys:
      if (bytes) apply_to_keys(access_.deny_keys, *bytes, present);
      return present ? Effect::denies : Effect::lists;
    case List::allowed_keys:
      if (bytes) apply_to_keys(access_.allow_keys, *bytes, present);
      break;
    case List::banned_events:
      break;
    case List::allowed_kinds:
    case List::disallowed_kinds:
      if (kind) apply_to_kinds(entry->list, *kind, present);
      break;
    case List::blocked_addresses:
      if (network) apply_to_networks(*network, present);
      return present ? Effect::denies : Effect::lists;
    case List::texts:
      apply_to_texts(entry->item, change.value);
      break;
  }
  return Effect::lists;
}

void Standing::apply_to_kinds(List list, nostr::Kind kind, bool present) {
  const bool allows = list == List::allowed_kinds;
  auto& kinds = allows ? allowed_kinds_ : disallowed_kinds_;
  if (present) kinds.insert(kind);
  if (!present) kinds.erase(kind);
  (allows ? access_.allow_kinds : access_.deny_kinds) = kind_set(kinds);
}

void Standing::apply_to_networks(const base::IpNetwork& network, bool present) {
  std::erase(access_.deny_networks, network);
  if (present) access_.deny_networks.push_back(network);
}

void Standing::apply_to_texts(std::string_view item, const std::optional<std::string>& value) {
  std::string text = value.value_or("");
  if (item == "name") said_.name = std::move(text);
  if (item == "description") said_.description = std::move(text);
  if (item == "icon") said_.icon = std::move(text);
}

Announcement Standing::announcement() const {
  Announcement now = said_;
  now.restricts_writes = access_.restrict_writes();
  return now;
}

}  // namespace extensions::management
