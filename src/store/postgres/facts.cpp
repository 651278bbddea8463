#include "store/postgres/facts.h"

#include <algorithm>
#include <ranges>

namespace store::postgres {
namespace {

using fetched::Covered;
using fetched::Facts;
using fetched::LeftKey;
using fetched::Needs;

constexpr const char* events_by_id =
    "SELECT seq, mark, expires_at, json FROM events WHERE id = ANY($1)";
constexpr const char* events_by_address =
    "SELECT seq, mark, expires_at, json, address FROM events WHERE address = ANY($1)";
constexpr const char* rows_by_key = "SELECT key, value FROM extension_rows WHERE key = ANY($1)";
constexpr const char* rows_by_prefix =
    "SELECT key, value FROM extension_rows WHERE key >= $1 AND key < $2 ORDER BY key";
constexpr const char* tombstones_by_key = "SELECT key, until FROM tombstones WHERE key = ANY($1)";
constexpr const char* vanishing_by_author =
    "SELECT author, until, seq FROM vanishing WHERE author = ANY($1)";
constexpr const char* first_vanishings =
    "SELECT author, until, seq FROM vanishing ORDER BY author LIMIT $1";
constexpr const char* events_expired =
    "SELECT seq, mark, expires_at, json FROM events WHERE expires_at <= $1 "
    "ORDER BY expires_at, seq LIMIT $2";
constexpr const char* rows_expired =
    "SELECT key, expires_at FROM extension_rows WHERE expires_at <= $1 "
    "ORDER BY expires_at, key LIMIT $2";
constexpr const char* left_of_author =
    "SELECT seq, mark, expires_at, json FROM events "
    "WHERE pubkey = $1 AND place >= $2 AND seq < $3 ORDER BY place LIMIT $4";
constexpr const char* left_of_recipient =
    "SELECT e.seq, e.mark, e.expires_at, e.json FROM event_tags t JOIN events e ON e.seq = t.seq "
    "WHERE t.tag = $1 AND t.place >= $2 AND t.seq < $3 ORDER BY t.place LIMIT $4";

template <typename Names>
Params array_of(const Names& names) {
  std::vector<std::string_view> views;
  for (const auto& name : names) {
    if constexpr (requires { name.view(); })
      views.push_back(name.view());
    else
      views.emplace_back(name);
  }
  Params params;
  params.add_byteas(views);
  return params;
}

template <typename... Numbers>
Params numbers(Numbers... each) {
  Params params;
  (params.add(static_cast<std::int64_t>(each)), ...);
  return params;
}

void remember(Facts& facts, const StoredEvent& stored) {
  facts.events.insert_or_assign(stored.event->id, stored);
}

template <typename T>
fetched::Listing<T> listing(std::vector<T> items, std::size_t asked_for) {
  const bool complete = items.size() < asked_for;
  return {.items = std::move(items), .complete = complete};
}

bool read_events(Result& result, Facts& facts, nostr::MessageParser& parser) {
  const auto events = events_in(result, parser);
  if (!events) return false;
  for (const StoredEvent& stored : *events) remember(facts, stored);
  return true;
}

bool read_occupants(Result& result, Facts& facts, nostr::MessageParser& parser) {
  for (std::size_t row = 0; row < result.rows(); ++row) {
    const auto stored = event_in(result, row, 0, parser);
    if (!stored) return false;
    remember(facts, *stored);
    facts.occupants[std::string(result.bytes(row, 4))] = stored->event->id;
  }
  return true;
}

std::vector<Row> rows_in(Result& result) {
  std::vector<Row> rows;
  for (std::size_t row = 0; row < result.rows(); ++row)
    rows.push_back({std::string(result.bytes(row, 0)), std::string(result.bytes(row, 1))});
  return rows;
}

std::optional<std::vector<Vanish>> vanishings_in(Result& result) {
  std::vector<Vanish> all;
  for (std::size_t row = 0; row < result.rows(); ++row) {
    const auto vanish = vanish_in(result, row);
    if (!vanish) return std::nullopt;
    all.push_back(*vanish);
  }
  return all;
}

/// What was asked for by name and does not come is not there.
template <typename Map, typename Names>
void expect(Map& map, const Names& names) {
  for (const auto& name : names) map.try_emplace(name, std::nullopt);
}

}  // namespace

FactCalls::FactCalls(const Needs& needs) {
  add_named(needs);
  add_lists(needs);
  for (const auto& [key, count] : needs.left) add_left(key, count);
}

std::vector<Call> FactCalls::take_calls() { return std::move(calls_); }

bool FactCalls::read(std::span<Result> results, Facts& facts, nostr::MessageParser& parser) const {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!readers_[i](results[i], facts, parser) || !results[i].valid()) return false;
  }
  return true;
}

void FactCalls::add(const char* sql, Params params, Reader reader) {
  calls_.push_back({.sql = sql, .params = std::move(params)});
  readers_.push_back(std::move(reader));
}

void FactCalls::add_named(const Needs& needs) {
  if (!needs.events.empty()) {
    add(events_by_id, array_of(needs.events),
        [names = needs.events](Result& result, Facts& facts, nostr::MessageParser& parser) {
          expect(facts.events, names);
          return read_events(result, facts, parser);
        });
  }
  if (!needs.addresses.empty()) {
    add(events_by_address, array_of(needs.addresses),
        [names = needs.addresses](Result& result, Facts& facts, nostr::MessageParser& parser) {
          expect(facts.occupants, names);
          return read_occupants(result, facts, parser);
        });
  }
  if (!needs.rows.empty()) {
    add(rows_by_key, array_of(needs.rows),
        [names = needs.rows](Result& result, Facts& facts, nostr::MessageParser&) {
          expect(facts.rows, names);
          for (Row& row : rows_in(result)) facts.rows[std::move(row.key)] = std::move(row.value);
          return true;
        });
  }
  for (const std::string& prefix : needs.prefixes) {
    Params range;
    range.add_bytes(prefix);
    range.add_bytes(end_of(prefix));
    add(rows_by_prefix, std::move(range),
        [prefix](Result& result, Facts& facts, nostr::MessageParser&) {
          facts.prefixes[prefix] = rows_in(result);
          return true;
        });
  }
  if (!needs.tombstones.empty()) {
    add(tombstones_by_key, array_of(needs.tombstones),
        [names = needs.tombstones](Result& result, Facts& facts, nostr::MessageParser&) {
          expect(facts.tombstones, names);
          for (std::size_t row = 0; row < result.rows(); ++row)
            facts.tombstones[std::string(result.bytes(row, 0))] = result.int64(row, 1);
          return true;
        });
  }
  if (!needs.vanishing.empty()) {
    add(vanishing_by_author, array_of(needs.vanishing),
        [names = needs.vanishing](Result& result, Facts& facts, nostr::MessageParser&) {
          expect(facts.vanishing, names);
          const auto all = vanishings_in(result);
          if (!all) return false;
          for (const Vanish& vanish : *all) facts.vanishing[vanish.author] = vanish;
          return true;
        });
  }
}

void FactCalls::add_lists(const Needs& needs) {
  if (const auto& due = needs.expired_events) {
    add(events_expired, numbers(due->now, due->count),
        [count = due->count](Result& result, Facts& facts, nostr::MessageParser& parser) {
          auto events = events_in(result, parser);
          if (events) facts.expired_events = listing(*std::move(events), count);
          return events.has_value();
        });
  }
  if (const auto& due = needs.expired_rows) {
    add(rows_expired, numbers(due->now, due->count),
        [count = due->count](Result& result, Facts& facts, nostr::MessageParser&) {
          std::vector<fetched::ExpiredRow> rows;
          for (std::size_t row = 0; row < result.rows(); ++row)
            rows.push_back({result.int64(row, 1), std::string(result.bytes(row, 0))});
          facts.expired_rows = listing(std::move(rows), count);
          return true;
        });
  }
  if (const std::size_t count = needs.vanishings; count > 0) {
    add(first_vanishings, numbers(count),
        [count](Result& result, Facts& facts, nostr::MessageParser&) {
          auto all = vanishings_in(result);
          if (all) facts.vanishings = listing(*std::move(all), count);
          return all.has_value();
        });
  }
}

void FactCalls::add_left(const LeftKey& key, std::size_t count) {
  const bool own = key.covered == Covered::author;
  Params params;
  params.add_bytes(key.author.view());
  // A gift wrap's time says nothing, so all of them count.
  params.add_bytes(own ? Key().add_place({.created_at = key.until, .id = {}}).view()
                       : std::string_view());
  params.add(static_cast<std::int64_t>(key.seq));
  params.add(static_cast<std::int64_t>(count));
  add(own ? left_of_author : left_of_recipient, std::move(params),
      [key, count](Result& result, Facts& facts, nostr::MessageParser& parser) {
        auto events = events_in(result, parser);
        if (events) facts.left[key] = listing(*std::move(events), count);
        return events.has_value();
      });
}

}  // namespace store::postgres
