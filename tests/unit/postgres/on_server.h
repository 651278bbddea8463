#pragma once
// Coroutines of a test against the shared PostgreSQL.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/postgres/connection.h"
#include "support/postgres_schema.h"

namespace test {

using store::postgres::Answer;
using store::postgres::Call;
using store::postgres::Connection;
using store::postgres::Deadline;
using store::postgres::Fault;
using store::postgres::Params;

using Executor = boost::asio::any_io_executor;
using Work = boost::asio::awaitable<void>;

inline Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
inline Deadline soon() { return in(std::chrono::seconds(20)); }

inline void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

/// Runs the body, and whatever it spawned, to its end.
inline void run(const std::function<Work(Executor)>& body) {
  boost::asio::io_context loop;
  boost::asio::co_spawn(loop, body(loop.get_executor()), rethrow);
  loop.run();
}

inline std::vector<Call> one(std::string sql, Params params = {}) {
  std::vector<Call> calls(1);
  calls[0] = {std::move(sql), std::move(params)};
  return calls;
}

inline boost::asio::awaitable<std::shared_ptr<Connection>> connect(Executor executor,
                                                                   Connection::Options options) {
  auto connection = Connection::make(executor, std::move(options));
  if (auto opened = co_await connection->open(soon()); !opened)
    throw std::runtime_error(opened.error().message);
  co_return connection;
}

inline boost::asio::awaitable<std::shared_ptr<Connection>> connect(Executor executor) {
  return connect(std::move(executor), {.conninfo = postgres_url()});
}

/// An open connection to the cluster, for the body.
inline void with_connection(const std::function<Work(std::shared_ptr<Connection>)>& body) {
  run([&](Executor executor) -> Work {
    auto connection = co_await connect(executor);
    co_await body(connection);
    connection->close();
  });
}

inline std::int64_t number_of(Answer& answer) {
  return answer && answer->size() == 1 ? answer->front().int64(0, 0) : -1;
}

/// Asks the server until it says so; false after a long time.
inline bool eventually(const std::string& sql, const std::string& wanted = "t") {
  for (const Deadline end = soon(); std::chrono::steady_clock::now() < end;)
    if (postgres_do(postgres_url(), sql) == wanted) return true;
  return false;
}

/// Ends the sessions of that name (application_name in their URL); how many there were.
inline std::string terminate(const std::string& name) {
  return postgres_do(postgres_url(), fmt::format("select count(pg_terminate_backend(pid)) from "
                                                 "pg_stat_activity where application_name = '{}'",
                                                 name));
}

}  // namespace test
