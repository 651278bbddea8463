// What of the ledger is not about events: rows, tombstones, requests to vanish.
#include <algorithm>

#include "store/fetched/ledger.h"
#include "store/query_order.h"

namespace store::fetched {
namespace {

/// All rows below some prefix of `key`.
const std::vector<Row>* covering(const Facts& facts, std::string_view key) {
  for (const auto& [prefix, rows] : facts.prefixes) {
    if (key.starts_with(prefix)) return &rows;
  }
  return nullptr;
}

std::optional<std::string_view> value_in(const std::vector<Row>& rows, std::string_view key) {
  const auto row = std::ranges::lower_bound(rows, key, {}, &Row::key);
  if (row == rows.end() || row->key != key) return std::nullopt;
  return row->value;
}

}  // namespace

std::optional<std::string_view> FetchedLedger::row(std::string_view key) {
  if (const auto changed = changes_.rows.find(key); changed != changes_.rows.end())
    return changed->second.value;
  const std::string name(key);
  if (const auto known = facts_.rows.find(name); known != facts_.rows.end()) return known->second;
  if (const auto* rows = covering(facts_, key)) return value_in(*rows, key);
  needs_.rows.insert(name);
  return std::nullopt;
}

std::vector<Row> FetchedLedger::rows_below(std::string_view prefix) {
  const auto* known = covering(facts_, prefix);
  if (!known) {
    needs_.prefixes.emplace(prefix);
    return {};
  }
  std::vector<Row> found;
  for (auto row = std::ranges::lower_bound(*known, prefix, {}, &Row::key);
       row != known->end() && row->key.starts_with(prefix); ++row) {
    if (!changes_.rows.contains(row->key)) found.push_back(*row);
  }
  for (auto row = changes_.rows.lower_bound(prefix);
       row != changes_.rows.end() && row->first.starts_with(prefix); ++row) {
    if (row->second.value) found.push_back({row->first, *row->second.value});
  }
  std::ranges::sort(found, {}, &Row::key);
  return found;
}

void FetchedLedger::change_row(const RowChange& change) { changes_.rows[change.key] = change; }

std::vector<std::string> FetchedLedger::rows_expired_by(base::UnixSeconds now, std::size_t max) {
  const auto& known = facts_.expired_rows;
  const std::size_t wanted = max + changes_.rows.size();
  if (!known || (!known->complete && known->items.size() < wanted)) {
    needs_.expired_rows = DueNeed{now, wanted};
    return {};
  }
  std::vector<ExpiredRow> due;
  for (const ExpiredRow& row : known->items) {
    if (!changes_.rows.contains(row.key)) due.push_back(row);
  }
  for (const auto& [key, change] : changes_.rows) {
    if (change.value && expired(change.expires_at, now)) due.push_back({*change.expires_at, key});
  }
  std::ranges::sort(due, {},
                    [](const ExpiredRow& row) { return std::tie(row.expires_at, row.key); });
  std::vector<std::string> keys;
  for (ExpiredRow& row : due) {
    if (keys.size() < max) keys.push_back(std::move(row.key));
  }
  return keys;
}

std::optional<base::UnixSeconds> FetchedLedger::tombstone(const std::string& key) {
  if (const auto made = changes_.tombstones.find(key); made != changes_.tombstones.end())
    return made->second;
  if (const auto known = facts_.tombstones.find(key); known != facts_.tombstones.end())
    return known->second;
  needs_.tombstones.insert(key);
  return std::nullopt;
}

bool FetchedLedger::is_buried(const nostr::EventId& id, const nostr::PublicKey& signer) {
  return tombstone(buried_tombstone(id, signer)).has_value();
}

void FetchedLedger::bury(const nostr::EventId& id, const nostr::PublicKey& signer) {
  changes_.tombstones[buried_tombstone(id, signer)] = 0;
}

std::optional<base::UnixSeconds> FetchedLedger::buried_until(const nostr::Address& address) {
  return tombstone(address_tombstone(address_key(address, sha256_).view()));
}

void FetchedLedger::bury_until(const nostr::Address& address, base::UnixSeconds until) {
  changes_.tombstones[address_tombstone(address_key(address, sha256_).view())] = until;
}

std::optional<base::UnixSeconds> FetchedLedger::vanished_until(const nostr::PublicKey& author) {
  return tombstone(vanished_tombstone(author));
}

void FetchedLedger::vanish_until(const nostr::PublicKey& author, base::UnixSeconds until) {
  changes_.tombstones[vanished_tombstone(author)] = until;
}

std::optional<Vanish> FetchedLedger::vanishing(const nostr::PublicKey& author) {
  if (const auto changed = changes_.vanishing.find(author); changed != changes_.vanishing.end())
    return changed->second;
  if (const auto known = facts_.vanishing.find(author); known != facts_.vanishing.end())
    return known->second;
  needs_.vanishing.insert(author);
  return std::nullopt;
}

std::optional<Vanish> FetchedLedger::next_vanishing() {
  const auto& known = facts_.vanishings;
  std::optional<Vanish> first;
  for (const auto& [author, vanish] : changes_.vanishing) {
    if (vanish && !first) first = vanish;
  }
  const auto begin = known ? known->items.begin() : std::vector<Vanish>::const_iterator{};
  const auto end = known ? known->items.end() : begin;
  const auto open = std::find_if(begin, end, [this](const Vanish& vanish) {
    return !changes_.vanishing.contains(vanish.author);
  });
  if (open != end && (!first || open->author < first->author)) first = *open;
  if (open == end && (!known || !known->complete)) {
    needs_.vanishings = known ? 2 * known->items.size() : 8;
    return std::nullopt;
  }
  return first;
}

void FetchedLedger::begin_vanishing(const Vanish& vanish) {
  changes_.vanishing[vanish.author] = vanish;
}

void FetchedLedger::end_vanishing(const nostr::PublicKey& author) {
  changes_.vanishing[author] = std::nullopt;
}

}  // namespace store::fetched
