#include "store/postgres/failure.h"

#include <string_view>

namespace store::postgres {
namespace {

std::string text_of(const char* text) { return text ? text : ""; }

std::string without_quoted(std::string_view text) {
  std::string kept;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted || c == '"') kept += c;
  }
  return kept;
}

/// libpq says 'connection to server at "…" (…), port … failed: <why>', and may go on with hints and
/// further servers.
std::string reason_of(std::string_view message) {
  constexpr std::string_view preface = " failed: ";
  message = message.substr(0, message.find('\n'));
  const std::size_t end = message.find(preface);
  return std::string(end == message.npos ? message : message.substr(end + preface.size()));
}

}  // namespace

Failure refusal_of(const PGresult* result) {
  Failure failure{.fault = Fault::refused,
                  .sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)),
                  .message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY))};
  const bool bad_data = failure.sqlstate.starts_with("22");
  if (bad_data) failure.message = without_quoted(failure.message);
  if (failure.message.empty())  // libpq's own words
    failure.message = without_quoted(reason_of(text_of(PQresultErrorMessage(result))));
  return failure;
}

Failure loss_of(const PGconn* connection) {
  std::string why = without_quoted(reason_of(text_of(PQerrorMessage(connection))));
  if (why.empty()) why = "the connection to the database is gone";
  return {.fault = Fault::lost, .message = std::move(why)};
}

}  // namespace store::postgres
