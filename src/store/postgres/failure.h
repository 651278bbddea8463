#pragma once
// Why PostgreSQL did not do what was asked.
#include <libpq-fe.h>

#include <string>

namespace store::postgres {

enum class Fault {
  lost,     ///< the connection is gone, or never came: what was sent may have been done, or not
  refused,  ///< the server said no (sqlstate), or nothing was sent: not done
  timeout,  ///< no answer by the deadline: as lost, the connection is closed
};

/// For the operator's log. `message` holds no part of the connection URL: what libpq quotes in a
/// message about connecting is left out, since of a mistyped URL it may be the password; so is what
/// the server quotes of bad data.
struct Failure {
  Fault fault;
  std::string
      sqlstate{};  ///< five characters (PostgreSQL, appendix A); empty when the server gave none
  std::string message{};
};

/// Of a result that is an error.
[[nodiscard]] Failure refusal_of(const PGresult* result);
/// Of a connection that broke or could not be made.
[[nodiscard]] Failure loss_of(const PGconn* connection);

}  // namespace store::postgres
