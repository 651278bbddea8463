#include "store/firestore/facts.h"

#include <algorithm>

#include "store/fetched/damaged.h"
#include "store/fetched/together.h"
#include "store/firestore/queries.h"

namespace store::firestore {
namespace {

using boost::asio::awaitable;
using fetched::Facts;
using fetched::Needs;

/// Documents of one request, so that its answer stays small.
constexpr std::size_t names_at_once = 300;
/// Events of one query; more are read by several.
constexpr std::size_t events_at_once = 1000;
constexpr std::size_t rows_at_most = 1 << 20;

std::unexpected<StoreError> failed(const Failure& failure) {
  return std::unexpected(error_of(failure));
}

std::unexpected<StoreError> broken(std::string_view what) {
  return std::unexpected(fetched::damaged(what));
}

void remember(Facts& facts, StoredEvent stored) {
  const nostr::EventId id = stored.event->id;
  facts.events.insert_or_assign(id, std::move(stored));
}

template <typename T>
fetched::Listing<T> listing(std::vector<T> items, std::size_t asked_for) {
  const bool complete = items.size() < asked_for;
  return {.items = std::move(items), .complete = complete};
}

std::vector<std::string> names_of(const Needs& needs) {
  std::vector<std::string> names;
  for (const nostr::EventId& id : needs.events) names.push_back(event_name(id));
  for (const std::string& key : needs.rows) names.push_back(row_name(key));
  for (const std::string& key : needs.tombstones) names.push_back(tombstone_name(key));
  return names;
}

const v1::Document* find_in(const FactReader::Found& found, const std::string& name) {
  const auto document = found.find(name);
  return document == found.end() ? nullptr : &document->second;
}

}  // namespace

awaitable<std::expected<FactReader::Found, StoreError>> FactReader::read(
    const Needs& needs, std::vector<std::string> also, Facts& facts, Deadline deadline) {
  Found found;
  std::vector<Work> works;
  // What is asked for besides comes first, so that it is read at one time.
  std::vector<std::string> names = std::move(also);
  std::ranges::move(names_of(needs), std::back_inserter(names));
  for (std::size_t i = 0; i < names.size(); i += names_at_once) {
    const auto end = std::min(names.size(), i + names_at_once);
    works.push_back(read_named({names.begin() + static_cast<std::ptrdiff_t>(i),
                                names.begin() + static_cast<std::ptrdiff_t>(end)},
                               found, deadline));
  }
  const std::vector<std::string> addresses(needs.addresses.begin(), needs.addresses.end());
  for (std::size_t i = 0; i < addresses.size(); i += max_values_per_query) {
    const auto end = std::min(addresses.size(), i + max_values_per_query);
    works.push_back(read_occupants({addresses.begin() + static_cast<std::ptrdiff_t>(i),
                                    addresses.begin() + static_cast<std::ptrdiff_t>(end)},
                                   facts, deadline));
  }
  for (const std::string& prefix : needs.prefixes)
    works.push_back(read_prefix(prefix, facts, deadline));
  if (needs.expired_events)
    works.push_back(read_expired_events(*needs.expired_events, facts, deadline));
  if (needs.expired_rows) works.push_back(read_expired_rows(*needs.expired_rows, facts, deadline));
  for (const auto& [key, count] : needs.left)
    works.push_back(read_left(key, count, facts, deadline));
  for (Done& done : co_await fetched::together(std::move(works))) {
    if (!done) co_return std::unexpected(std::move(done.error()));
  }
  if (auto taken = take_named(needs, found, facts); !taken)
    co_return std::unexpected(std::move(taken.error()));
  co_return found;
}

FactReader::Work FactReader::read_named(std::vector<std::string> names, Found& found,
                                        Deadline deadline) {
  auto got = co_await client_.batch_get(std::move(names), {}, deadline);
  if (!got) co_return failed(got.error());
  found.merge(std::move(got->found));
  co_return Done{};
}

FactReader::Done FactReader::take_named(const Needs& needs, const Found& found, Facts& facts) {
  for (const nostr::EventId& id : needs.events) {
    facts.events.try_emplace(id, std::nullopt);
    const auto* document = find_in(found, event_name(id));
    if (!document) continue;
    auto stored = event_in(*document, parser_);
    if (!stored) return broken("an event");
    remember(facts, *std::move(stored));
  }
  for (const std::string& key : needs.rows) {
    facts.rows.try_emplace(key, std::nullopt);
    const auto* document = find_in(found, row_name(key));
    if (!document) continue;
    auto row = row_in(*document);
    if (!row) return broken("a row");
    facts.rows[key] = std::move(row->value);
  }
  for (const std::string& key : needs.tombstones) {
    facts.tombstones.try_emplace(key, std::nullopt);
    const auto* document = find_in(found, tombstone_name(key));
    if (!document) continue;
    const auto tombstone = tombstone_in(*document);
    if (!tombstone) return broken("what a deletion left");
    facts.tombstones[key] = tombstone->until;
  }
  return {};
}

awaitable<std::expected<std::vector<StoredEvent>, StoreError>> FactReader::read_events(
    v1::StructuredQuery query, Deadline deadline) {
  auto got = co_await client_.run_query(std::move(query), {}, deadline);
  if (!got) co_return failed(got.error());
  std::vector<StoredEvent> events;
  for (const v1::Document& document : got->documents) {
    auto stored = event_in(document, parser_);
    if (!stored) co_return broken("an event");
    events.push_back(*std::move(stored));
  }
  co_return events;
}

FactReader::Work FactReader::read_occupants(std::vector<std::string> addresses, Facts& facts,
                                            Deadline deadline) {
  auto events = co_await read_events(events_at(addresses), deadline);
  if (!events) co_return std::unexpected(std::move(events.error()));
  for (std::string& address : addresses)
    facts.occupants.try_emplace(std::move(address), std::nullopt);
  for (StoredEvent& stored : *events) {
    const auto address = nostr::address_of(*stored.event);
    if (!address) co_return broken("an event's address");
    facts.occupants[std::string(address_key(*address, sha256_).view())] = stored.event->id;
    remember(facts, std::move(stored));
  }
  co_return Done{};
}

FactReader::Work FactReader::read_prefix(std::string prefix, Facts& facts, Deadline deadline) {
  auto got = co_await client_.run_query(rows_below(names_, prefix, {}, rows_at_most), {}, deadline);
  if (!got) co_return failed(got.error());
  std::vector<Row> rows;
  for (const v1::Document& document : got->documents) {
    auto row = row_in(document);
    if (!row) co_return broken("a row");
    rows.push_back({std::move(row->key), *std::move(row->value)});
  }
  facts.prefixes[prefix] = std::move(rows);
  co_return Done{};
}

FactReader::Work FactReader::read_expired_events(fetched::DueNeed due, Facts& facts,
                                                 Deadline deadline) {
  auto events = co_await read_events(events_expired(due.now, due.count), deadline);
  if (!events) co_return std::unexpected(std::move(events.error()));
  facts.expired_events = listing(*std::move(events), due.count);
  co_return Done{};
}

FactReader::Work FactReader::read_expired_rows(fetched::DueNeed due, Facts& facts,
                                               Deadline deadline) {
  auto got = co_await client_.run_query(rows_expired(due.now, due.count), {}, deadline);
  if (!got) co_return failed(got.error());
  std::vector<fetched::ExpiredRow> rows;
  for (const v1::Document& document : got->documents) {
    auto row = row_in(document);
    if (!row || !row->expires_at) co_return broken("a row");
    rows.push_back({*row->expires_at, std::move(row->key)});
  }
  facts.expired_rows = listing(std::move(rows), due.count);
  co_return Done{};
}

FactReader::Work FactReader::read_left(fetched::LeftKey key, std::size_t count, Facts& facts,
                                       Deadline deadline) {
  fetched::Listing<StoredEvent> left;
  std::optional<Position> after;
  while (!left.complete && left.items.size() < count) {
    const std::size_t limit = std::min(count - left.items.size(), events_at_once);
    auto query = events_left(names_, key, after, limit);
    if (!query) {
      left.complete = true;
      break;
    }
    auto events = co_await read_events(*std::move(query), deadline);
    if (!events) co_return std::unexpected(std::move(events.error()));
    left.complete = events->size() < limit;
    if (!events->empty())
      after = Position{events->back().event->created_at, events->back().event->id};
    for (StoredEvent& stored : *events) {
      if (stored.seq < key.seq) left.items.push_back(std::move(stored));
    }
  }
  facts.left[key] = std::move(left);
  co_return Done{};
}

void tell_vanishing(const Needs& needs, const Commit& newest, Facts& facts) {
  for (const nostr::PublicKey& author : needs.vanishing) {
    const auto found = std::ranges::find(newest.vanishing, author, &Vanish::author);
    facts.vanishing[author] =
        found == newest.vanishing.end() ? std::nullopt : std::optional(*found);
  }
  if (needs.vanishings == 0) return;
  std::vector<Vanish> all = newest.vanishing;
  std::ranges::sort(all, {}, &Vanish::author);
  facts.vanishings = {.items = std::move(all), .complete = true};
}

}  // namespace store::firestore
