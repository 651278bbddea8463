#include "store/postgres/schema.h"

#include <fmt/format.h>

#include <array>

#include "store/postgres/errors.h"

namespace store::postgres {
namespace {

using boost::asio::awaitable;

std::unexpected<StoreError> failed(const Failure& failure) {
  return std::unexpected(error_of(failure));
}

/// The version that is there, with the lock held.
awaitable<std::expected<std::size_t, StoreError>> begin(Link& link, Deadline deadline) {
  std::vector<Call> calls;
  for (const std::string_view sql :
       {std::string_view("BEGIN"), lock_sql,
        std::string_view("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)"),
        std::string_view("SELECT coalesce(max(version), 0) FROM schema_version")})
    calls.push_back({.sql = std::string(sql), .simple = true});
  auto results = co_await link.run(std::move(calls), deadline);
  if (!results) co_return failed(results.error());
  const auto version = static_cast<std::size_t>(results->back().int32(0, 0));
  if (!results->back().valid() || version > migrations().size()) {
    co_return std::unexpected(StoreError{
        StoreError::Code::corrupt,
        fmt::format("the database has version {} of the schema, this program knows {}; run the "
                    "version of mls-gateway that made it, or a later one",
                    version, migrations().size())});
  }
  co_return version;
}

}  // namespace

awaitable<std::expected<std::size_t, StoreError>> migrate(Link& link, Deadline deadline) {
  const auto version = co_await begin(link, deadline);
  if (!version) co_return version;
  std::vector<Call> calls;
  for (const auto& step : migrations().subspan(*version)) {
    for (const std::string_view sql : step)
      calls.push_back({.sql = std::string(sql), .simple = true});
  }
  if (!calls.empty()) {
    calls.push_back({.sql = "DELETE FROM schema_version", .simple = true});
    calls.push_back(
        {.sql = fmt::format("INSERT INTO schema_version VALUES ({})", migrations().size()),
         .simple = true});
  }
  calls.push_back({.sql = "COMMIT", .simple = true});
  const auto results = co_await link.go_on(std::move(calls), deadline);
  if (!results) co_return failed(results.error());
  co_return version;
}

std::span<const std::vector<std::string_view>> migrations() {
  // `place` is [~created_at 8][id 32]: ascending, it is the order of every query (store/keys.h).
  static const std::array<std::vector<std::string_view>, 1> all = {{{
      R"(CREATE TABLE events (
           seq bigint PRIMARY KEY,
           id bytea NOT NULL,
           place bytea NOT NULL,
           pubkey bytea NOT NULL,
           kind integer NOT NULL,
           address bytea,
           mark smallint NOT NULL,
           expires_at bigint,
           json bytea NOT NULL))",
      "CREATE UNIQUE INDEX events_id ON events (id)",
      "CREATE INDEX events_place ON events (place)",
      "CREATE INDEX events_kind ON events (kind, place)",
      "CREATE INDEX events_author ON events (pubkey, place)",
      "CREATE INDEX events_author_kind ON events (pubkey, kind, place)",
      "CREATE UNIQUE INDEX events_address ON events (address) WHERE address IS NOT NULL",
      "CREATE INDEX events_expiry ON events (expires_at, seq) WHERE expires_at IS NOT NULL",
      R"(CREATE TABLE event_tags (
           tag bytea NOT NULL,
           place bytea NOT NULL,
           seq bigint NOT NULL,
           PRIMARY KEY (tag, place)))",
      R"(CREATE TABLE extension_rows (
           key bytea PRIMARY KEY,
           value bytea NOT NULL,
           expires_at bigint))",
      "CREATE INDEX extension_rows_expiry ON extension_rows (expires_at, key) "
      "WHERE expires_at IS NOT NULL",
      "CREATE TABLE tombstones (key bytea PRIMARY KEY, until bigint NOT NULL)",
      R"(CREATE TABLE vanishing (
           author bytea PRIMARY KEY,
           until bigint NOT NULL,
           place bytea NOT NULL,
           seq bigint NOT NULL))",
      R"(CREATE TABLE commits (
           last bigint PRIMARY KEY,
           token bytea NOT NULL,
           at timestamptz NOT NULL DEFAULT now(),
           events bigint NOT NULL,
           body bytea NOT NULL))",
      "CREATE TABLE copying (since timestamptz NOT NULL)",
      "INSERT INTO commits (last, token, events, body) VALUES (0, uuid_send(gen_random_uuid()), 0, "
      "'')",
  }}};
  return all;
}

}  // namespace store::postgres
