#include "store/postgres/parcels.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/postgres/changes.h"
#include "store/postgres/errors.h"
#include "store/postgres/schema.h"

namespace store::postgres {
namespace {

using boost::asio::awaitable;

/// One page of a table: the newest commit, the key, its other columns. A running sum says where it ends: behind the thing
/// that fills it.
std::string page_sql(std::string_view table, std::string_view key, std::string_view others,
                     std::string_view bytes) {
  return fmt::format(
      R"(SELECT (SELECT last FROM commits ORDER BY last DESC LIMIT 1), page.*
FROM (SELECT 1) AS always LEFT JOIN LATERAL (
  SELECT {1}, {2} FROM (
    SELECT *, sum({3}) OVER (ORDER BY {1}) - ({3}) AS before
    FROM {0} WHERE {1} > $1 ORDER BY {1} LIMIT 5000) AS candidates
  WHERE before < $2 ORDER BY {1}) AS page ON true ORDER BY page.{1})",
      table, key, others, bytes);
}

enum Part : std::size_t { tombstones, vanishing, rows, events };

std::string sql_of(std::size_t part) {
  switch (part) {
    case tombstones:
      return page_sql("tombstones", "key", "until", "80");
    case vanishing:
      return page_sql("vanishing", "author", "until, seq", "48");
    case rows:
      return page_sql("extension_rows", "key", "value, expires_at",
                      "octet_length(key) + octet_length(value)");
    default:
      return page_sql("events", "seq", "mark, expires_at, json", "octet_length(json)");
  }
}

constexpr const char* is_unfinished = "SELECT EXISTS (SELECT 1 FROM copying)";
constexpr const char* newest_commit = "SELECT last, token FROM commits ORDER BY last DESC LIMIT 1";
constexpr const char* last_commit =
    "INSERT INTO commits (last, token, events, body) "
    "SELECT $1, uuid_send(gen_random_uuid()), (SELECT count(*) FROM events), '' "
    "WHERE $1 > 0";

std::optional<Tombstone> tombstone_in(Result& result, std::size_t row) {
  const std::string_view name = result.bytes(row, 1);
  const auto kind = std::string_view("iav").find(name.substr(0, 1));
  if (name.empty() || kind == std::string_view::npos) return std::nullopt;
  return Tombstone{.kind = static_cast<Tombstone::Kind>(kind),
                   .key = std::string(name.substr(1)),
                   .until = result.int64(row, 2)};
}

std::string name_of(const Tombstone& tombstone) {
  constexpr std::string_view letters = "iav";
  return std::string(1, letters[static_cast<std::size_t>(tombstone.kind)]).append(tombstone.key);
}

fetched::Changes changes_of(const Parcel& parcel) {
  fetched::Changes changes;
  for (const StoredEvent& stored : parcel.events) changes.events.emplace(stored.event->id, stored);
  for (const RowChange& row : parcel.rows) changes.rows.emplace(row.key, row);
  for (const Vanish& vanish : parcel.vanishing) changes.vanishing.emplace(vanish.author, vanish);
  for (const Tombstone& tombstone : parcel.tombstones)
    changes.tombstones.emplace(name_of(tombstone), tombstone.until);
  return changes;
}

Call simple(std::string_view sql) { return {.sql = std::string(sql), .simple = true}; }

awaitable<std::expected<Mark, StoreError>> write(Link& link, const Parcel& parcel,
                                                 Deadline deadline) {
  Sha256 sha256;
  auto calls = calls_of(changes_of(parcel), sha256);
  if (parcel.first && parcel.next) calls.push_back(simple("INSERT INTO copying VALUES (now())"));
  if (!parcel.next) {
    calls.push_back({.sql = last_commit});
    calls.back().params.add(static_cast<std::int64_t>(parcel.last));
    calls.push_back(simple("DELETE FROM copying"));
  }
  calls.push_back({.sql = newest_commit});
  const std::size_t newest = calls.size() - 1;
  calls.push_back(simple("COMMIT"));
  auto results = co_await link.go_on(std::move(calls), deadline);
  if (!results) co_return std::unexpected(error_of(results.error()));
  co_return mark_in((*results)[newest], 0, 0);
}

}  // namespace

Call ask_unfinished() { return {.sql = is_unfinished}; }

ParcelReader::ParcelReader(const std::optional<std::string>& after, std::size_t max_bytes)
    : max_bytes_(max_bytes) {
  parcel_.first = !after;
  if (!after || after->empty()) return;
  part_ = std::min<std::size_t>(static_cast<std::size_t>((*after)[0] - '0'), events);
  behind_ = after->substr(1);
}

Call ParcelReader::next_call() const {
  Call call{.sql = sql_of(part_)};
  if (part_ == events)
    call.params.add(behind_.size() == 8 ? static_cast<std::int64_t>(read64(behind_)) : 0);
  else
    call.params.add_bytes(behind_);
  call.params.add(
      static_cast<std::int64_t>(parcel_is_full() ? 1 : std::max<std::size_t>(1, max_bytes_)));
  return call;
}

bool ParcelReader::take(Result& result, nostr::MessageParser& parser) {
  if (result.rows() == 0) return false;
  const auto last = static_cast<Seq>(result.int64(0, 0));
  // Several looks for one parcel: a commit between them shows as a change.
  parcel_.last = parcel_.last == 0 ? last : std::max(parcel_.last, last);
  const bool found = !result.is_null(0, 1);
  if (found && parcel_is_full()) {
    parcel_.next = place_;
    done_ = true;
    return result.valid();
  }
  for (std::size_t row = 0; found && row < result.rows(); ++row) {
    if (!take_thing(result, row, parser)) return false;
  }
  if (found) {
    place_ = std::to_string(part_).append(behind_);
  } else {
    ++part_;
    behind_.clear();
  }
  done_ = part_ > events;
  return result.valid();
}

bool ParcelReader::take_thing(Result& result, std::size_t row, nostr::MessageParser& parser) {
  if (part_ == events) {
    auto stored = event_in(result, row, 1, parser);
    if (!stored) return false;
    behind_ = Key().add64(stored->seq).view();
    parcel_.events.push_back(*std::move(stored));
    return true;
  }
  behind_ = result.bytes(row, 1);
  if (part_ == tombstones) {
    auto tombstone = tombstone_in(result, row);
    if (tombstone) parcel_.tombstones.push_back(*std::move(tombstone));
    return tombstone.has_value();
  }
  if (part_ == vanishing) {
    const auto author = bytes32(result.bytes(row, 1));
    if (author)
      parcel_.vanishing.push_back(
          {*author, result.int64(row, 2), static_cast<Seq>(result.int64(row, 3))});
    return author.has_value();
  }
  RowChange change{.key = behind_, .value = std::string(result.bytes(row, 2))};
  if (!result.is_null(row, 3)) change.expires_at = result.int64(row, 3);
  parcel_.rows.push_back(std::move(change));
  return true;
}

awaitable<std::expected<Mark, StoreError>> load(Link& link, const Parcel& parcel,
                                                Deadline deadline) {
  std::vector<Call> calls;
  calls.push_back(simple("BEGIN"));
  calls.push_back({.sql = std::string(lock_sql)});
  calls.push_back({.sql = newest_commit});
  calls.push_back(ask_unfinished());
  auto results = co_await link.run(std::move(calls), deadline);
  if (!results) co_return std::unexpected(error_of(results.error()));
  const Seq last = mark_in((*results)[2], 0, 0).last;
  const bool unfinished = (*results)[3].boolean(0, 0);
  // Until the last parcel there is no commit: what has begun shows by its mark alone.
  auto refusal = refusal_of(parcel, parcel.first && unfinished ? 1 : last, unfinished);
  auto written =
      refusal ? std::unexpected(*std::move(refusal)) : std::expected<Mark, StoreError>(Mark{});
  if (written) written = co_await write(link, parcel, deadline);
  if (!written) link.reset();
  co_return written;
}

}  // namespace store::postgres
