#pragma once
// From the operator's connection URL to a connection that is being made, and what every session is
// set to.
#include <expected>
#include <memory>
#include <string>

#include "store/postgres/failure.h"
#include "store/postgres/values.h"

namespace store::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, Finish>;

/// Begins to connect to `conninfo`, a URL or "key=value …" as in PostgreSQL 15, 34.1.1, with our
/// defaults for what it does not say; PQconnectPoll takes it on. Looking a host name up blocks.
[[nodiscard]] std::expected<ConnectionHandle, Failure> start_connecting(
    const std::string& conninfo);

/// Sets a new session up: one statement, without parameters that differ; what this server does not know is left out. Its one row and column: is
/// the server a standby?
inline constexpr const char* session_sql =
    "select pg_is_in_recovery() from (select count(set_config(name, value, false)) from "
    "unnest($1::text[], $2::text[]) as settings(name, value) "
    "where exists (select 1 from pg_settings where pg_settings.name = settings.name)) as done";
[[nodiscard]] Params session_settings();

}  // namespace store::postgres
