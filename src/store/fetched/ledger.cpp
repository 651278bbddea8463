#include "store/fetched/ledger.h"

#include <algorithm>

#include "store/query_order.h"

namespace store::fetched {
namespace {

/// Of what a request to vanish covers, how much is fetched at first, and how much more at a time at most: what one commit
/// erases.
constexpr std::size_t first_left = 512, most_left = Store::max_vanish_per_commit;

template <typename Map, typename Key>
auto* find_in(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

template <typename T>
void cut(std::vector<T>& items, std::size_t max) {
  if (items.size() > max) items.resize(max);
}

bool covers(const LeftKey& key, const Vanish& vanish, const StoredEvent& stored) {
  return key.covered == Covered::author ? covers_author(vanish, stored)
                                        : covers_recipient(vanish, stored);
}

}  // namespace

const std::optional<StoredEvent>* FetchedLedger::look_up(const nostr::EventId& id) {
  if (const auto* changed = find_in(changes_.events, id)) return changed;
  const auto* known = find_in(facts_.events, id);
  if (!known) needs_.events.insert(id);
  return known;
}

bool FetchedLedger::contains(const nostr::EventId& id) {
  const auto* known = look_up(id);
  return known && *known;
}

std::optional<StoredEvent> FetchedLedger::find(const nostr::EventId& id) {
  const auto* known = look_up(id);
  return known ? *known : std::nullopt;
}

std::optional<Position> FetchedLedger::occupant(const nostr::Address& address) {
  const std::string key(address_key(address, sha256_).view());
  const auto* changed = find_in(changes_.occupants, key);
  const auto* known = changed ? changed : find_in(facts_.occupants, key);
  if (!known) needs_.addresses.insert(key);
  if (!known || !*known) return std::nullopt;
  const auto stored = find(**known);
  return stored ? std::optional(position_of(*stored->event)) : std::nullopt;
}

void FetchedLedger::insert(const StoredEvent& stored) {
  changes_.events[stored.event->id] = stored;
  inserted_.insert(stored.event->id);
  if (const auto address = nostr::address_of(*stored.event))
    changes_.occupants[std::string(address_key(*address, sha256_).view())] = stored.event->id;
}

void FetchedLedger::erase(const StoredEvent& stored) {
  if (!changes_.events.contains(stored.event->id)) changes_.erased.push_back(stored);
  changes_.events[stored.event->id] = std::nullopt;
  if (const auto address = nostr::address_of(*stored.event))
    changes_.occupants[std::string(address_key(*address, sha256_).view())] = std::nullopt;
}

std::vector<StoredEvent> FetchedLedger::expired_by(base::UnixSeconds now, std::size_t max) {
  const auto& known = facts_.expired_events;
  const std::size_t wanted = max + changes_.events.size();
  if (!known || (!known->complete && known->items.size() < wanted)) {
    needs_.expired_events = DueNeed{now, wanted};
    return {};
  }
  std::vector<StoredEvent> found;
  for (const StoredEvent& stored : known->items) {
    if (!changes_.events.contains(stored.event->id)) found.push_back(stored);
  }
  for (const auto& [id, stored] : changes_.events) {
    if (stored && expired(stored->expires_at, now)) found.push_back(*stored);
  }
  std::ranges::sort(found, {}, [](const StoredEvent& stored) {
    return std::pair(*stored.expires_at, stored.seq);
  });
  cut(found, max);
  return found;
}

std::vector<StoredEvent> FetchedLedger::left_of(const Vanish& vanish, std::size_t max) {
  for (const Covered covered : {Covered::author, Covered::recipient}) {
    auto found = left_of({vanish.author, vanish.until, vanish.seq, covered}, vanish, max);
    if (!found.empty() || needs_.left.contains({vanish.author, vanish.until, vanish.seq, covered}))
      return found;
  }
  return {};
}

std::vector<StoredEvent> FetchedLedger::left_of(const LeftKey& key, const Vanish& vanish,
                                                std::size_t max) {
  const auto* known = find_in(facts_.left, key);
  std::vector<StoredEvent> found;
  if (known) {
    std::size_t& gone = gone_of_left_[key];
    const auto& items = known->items;
    while (gone < items.size() && changes_.events.contains(items[gone].event->id)) ++gone;
    for (std::size_t i = gone; i < items.size() && found.size() < max; ++i) {
      if (!changes_.events.contains(items[i].event->id)) found.push_back(items[i]);
    }
  }
  if (!known || (!known->complete && found.size() < max)) {
    // In few rounds: the rules ask slice by slice, and begin anew with each.
    const std::size_t have = known ? known->items.size() : 0;
    needs_.left[key] = std::max(first_left, std::min(8 * have, have + most_left)) + max;
    return {};
  }
  for (const nostr::EventId& id : inserted_) {
    const auto& stored = changes_.events.at(id);
    if (stored && covers(key, vanish, *stored)) found.push_back(*stored);
  }
  std::ranges::sort(found, QueryOrder{},
                    [](const StoredEvent& stored) { return position_of(*stored.event); });
  cut(found, max);
  return found;
}

}  // namespace store::fetched
