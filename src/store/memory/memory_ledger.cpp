#include <algorithm>

#include "store/keys.h"
#include "store/memory/memory_store.h"

namespace store {

std::optional<std::string_view> MemoryStore::MemoryLedger::row(std::string_view key) {
  const auto row = rows.find(key);
  if (row == rows.end()) return std::nullopt;
  return row->second.value;
}

std::vector<Row> MemoryStore::MemoryLedger::rows_below(std::string_view prefix) {
  std::vector<Row> found;
  for (auto row = rows.lower_bound(prefix); row != rows.end(); ++row) {
    if (!row->first.starts_with(prefix)) break;
    found.push_back({row->first, row->second.value});
  }
  return found;
}

void MemoryStore::MemoryLedger::change_row(const RowChange& change) {
  if (change.value) {
    rows[change.key] = {.value = *change.value, .expires_at = change.expires_at};
  } else {
    rows.erase(change.key);
  }
}

std::vector<std::string> MemoryStore::MemoryLedger::rows_expired_by(base::UnixSeconds now,
                                                                    std::size_t max) {
  std::vector<std::pair<base::UnixSeconds, std::string>> due;
  for (const auto& [key, row] : rows) {
    if (expired(row.expires_at, now)) due.emplace_back(*row.expires_at, key);
  }
  std::ranges::sort(due);
  if (due.size() > max) due.resize(max);
  std::vector<std::string> keys;
  for (auto& [expires_at, key] : due) keys.push_back(std::move(key));
  return keys;
}

std::optional<StoredEvent> MemoryStore::MemoryLedger::find(const nostr::EventId& id) {
  const auto place = places.find(id);
  if (place == places.end()) return std::nullopt;
  return events.at(place->second);
}

std::optional<Position> MemoryStore::MemoryLedger::occupant(const nostr::Address& address) {
  const auto occupant = occupants.find(address);
  if (occupant == occupants.end()) return std::nullopt;
  return occupant->second;
}

void MemoryStore::MemoryLedger::insert(const StoredEvent& stored) {
  const Position position = position_of(*stored.event);
  events.emplace(position, stored);
  places.emplace(stored.event->id, position);
  if (auto address = nostr::address_of(*stored.event)) {
    occupants.emplace(*std::move(address), position);
  }
}

void MemoryStore::MemoryLedger::erase(const StoredEvent& stored) {
  if (const auto address = nostr::address_of(*stored.event)) occupants.erase(*address);
  places.erase(stored.event->id);
  events.erase(position_of(*stored.event));
}

std::vector<StoredEvent> MemoryStore::MemoryLedger::expired_by(base::UnixSeconds now,
                                                               std::size_t max) {
  std::vector<StoredEvent> found;
  for (const auto& [position, stored] : events) {
    if (expired(stored.expires_at, now)) found.push_back(stored);
  }
  std::ranges::sort(found, {}, [](const StoredEvent& stored) {
    return std::pair(*stored.expires_at, stored.seq);
  });
  if (found.size() > max) found.resize(max);
  return found;
}

std::optional<base::UnixSeconds> MemoryStore::MemoryLedger::tombstone(Tombstone::Kind kind,
                                                                      std::string_view key) const {
  const auto found = tombstones.find({kind, std::string(key)});
  if (found == tombstones.end()) return std::nullopt;
  return found->second;
}

bool MemoryStore::MemoryLedger::is_buried(const nostr::EventId& id,
                                          const nostr::PublicKey& signer) {
  return tombstone(Tombstone::Kind::id, buried_key(id, signer).view()).has_value();
}

void MemoryStore::MemoryLedger::bury(const nostr::EventId& id, const nostr::PublicKey& signer) {
  tombstones[{Tombstone::Kind::id, std::string(buried_key(id, signer).view())}] = 0;
}

std::optional<base::UnixSeconds> MemoryStore::MemoryLedger::buried_until(
    const nostr::Address& address) {
  return tombstone(Tombstone::Kind::address, address_key(address, sha256).view());
}

void MemoryStore::MemoryLedger::bury_until(const nostr::Address& address, base::UnixSeconds until) {
  tombstones[{Tombstone::Kind::address, std::string(address_key(address, sha256).view())}] = until;
}

std::optional<base::UnixSeconds> MemoryStore::MemoryLedger::vanished_until(
    const nostr::PublicKey& author) {
  return tombstone(Tombstone::Kind::author, author.view());
}

void MemoryStore::MemoryLedger::vanish_until(const nostr::PublicKey& author,
                                             base::UnixSeconds until) {
  tombstones[{Tombstone::Kind::author, std::string(author.view())}] = until;
}

std::optional<Vanish> MemoryStore::MemoryLedger::vanishing(const nostr::PublicKey& author) {
  const auto found = unfinished.find(author);
  if (found == unfinished.end()) return std::nullopt;
  return found->second;
}

std::optional<Vanish> MemoryStore::MemoryLedger::next_vanishing() {
  if (unfinished.empty()) return std::nullopt;
  return unfinished.begin()->second;
}

void MemoryStore::MemoryLedger::begin_vanishing(const Vanish& vanish) {
  unfinished[vanish.author] = vanish;
}

std::vector<StoredEvent> MemoryStore::MemoryLedger::left_of(const Vanish& vanish, std::size_t max) {
  for (const auto covers : {covers_author, covers_recipient}) {
    std::vector<StoredEvent> found;
    for (const auto& [position, stored] : events) {
      if (found.size() < max && covers(vanish, stored)) found.push_back(stored);
    }
    if (!found.empty()) return found;
  }
  return {};
}

bool MemoryStore::MemoryLedger::hides(const StoredEvent& stored) const {
  return std::ranges::any_of(unfinished,
                             [&](const auto& each) { return covers(each.second, stored); });
}

}  // namespace store
