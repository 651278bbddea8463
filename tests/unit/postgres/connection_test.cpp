#include "store/postgres/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "support/postgres_cluster.h"
#include "unit/postgres/on_server.h"

namespace {

using store::postgres::Failure;
using testing::HasSubstr;
using testing::Not;
using namespace test;
using namespace std::chrono_literals;

const auto echo = "select $1";

Params number(std::int64_t value) { return Params().add(value); }

/// Starts a run without waiting; `done` is told.
void start(const std::shared_ptr<Connection>& connection, std::vector<Call> calls,
           Deadline deadline, std::function<void(Answer)> done, const Executor& executor) {
  boost::asio::co_spawn(executor, connection->run(std::move(calls), deadline),
                        [done](std::exception_ptr failure, Answer answer) {
                          rethrow(failure);
                          done(std::move(answer));
                        });
}

TEST(PostgresConnection, GroupsShareItAndAreAnsweredInOrder) {
  std::vector<std::int64_t> numbers;
  std::size_t most = 0;
  run([&](Executor executor) -> Work {
    auto connection = co_await connect(executor);
    for (std::int64_t i = 0; i < 200; ++i) {
      auto told = [&numbers](Answer answer) { numbers.push_back(number_of(answer)); };
      start(connection, one(echo, number(i)), soon(), std::move(told), executor);
    }
    auto look = [&most, connection] { most = connection->in_flight(); };
    boost::asio::post(executor, std::move(look));
    Answer last = co_await connection->run(one("select 1"), soon());
    EXPECT_TRUE(last);
    connection->close();
  });
  EXPECT_EQ(most, 201u) << "one waited for another";
  ASSERT_EQ(numbers.size(), 200u);
  for (std::int64_t i = 0; i < 200; ++i) EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i);
}

TEST(PostgresConnection, OfAGroupEachCallHasItsResult) {
  with_connection([](std::shared_ptr<Connection> connection) -> Work {
    std::vector<Call> calls(3);
    calls[0] = {"begin", {}, true};
    calls[1] = {echo, number(5)};
    calls[2] = {"commit", {}, true};
    Answer answer = co_await connection->run(std::move(calls), soon());
    EXPECT_TRUE(answer);
    if (!answer) co_return;
    EXPECT_EQ(answer->size(), 3u);
    EXPECT_EQ((*answer)[1].int64(0, 0), 5);
  });
}

TEST(PostgresConnection, AnErrorEndsItsGroupAndLeavesTheNextAlone) {
  with_connection([](std::shared_ptr<Connection> connection) -> Work {
    std::vector<Call> calls(3);
    calls[0] = {echo, number(1)};
    calls[1] = {"select 1 / $1", number(0)};
    calls[2] = {"select $1 + 1", number(1)};
    Answer failed = co_await connection->run(calls, soon());
    EXPECT_FALSE(failed);
    if (failed) co_return;
    EXPECT_EQ(failed.error().fault, Fault::refused);
    EXPECT_EQ(failed.error().sqlstate, "22012");
    EXPECT_THAT(failed.error().message, HasSubstr("division by zero"));
    calls.erase(calls.begin() + 1);
    Answer next = co_await connection->run(std::move(calls), soon());
    EXPECT_TRUE(next) << "what the first group did not come to prepare is prepared now";
    EXPECT_TRUE(connection->is_open());
  });
}

TEST(PostgresConnection, AGroupWithoutBeginIsOneTransaction) {
  const PostgresSchema schema;
  run([&](Executor executor) -> Work {
    Connection::Options options{.conninfo = schema.url()};
    auto connection = co_await connect(executor, std::move(options));
    std::vector<Call> calls(3);
    calls[0] = {"create table t (x int8)", {}, true};
    calls[1] = {"insert into t values ($1)", number(1)};
    calls[2] = {"select 1 / 0"};
    EXPECT_FALSE(co_await connection->run(calls, soon()));
    calls.pop_back();
    Answer again = co_await connection->run(std::move(calls), soon());
    EXPECT_TRUE(again) << "the table was there already";
    const bool one_row = again && (*again)[1].affected() == 1;
    EXPECT_TRUE(one_row);
    connection->close();
  });
}

TEST(PostgresConnection, TheSameTextWithOtherTypesIsAnotherStatement) {
  with_connection([](std::shared_ptr<Connection> connection) -> Work {
    for (int twice = 0; twice < 2; ++twice) {
      Answer first = co_await connection->run(one(echo, number(3)), soon());
      EXPECT_EQ(number_of(first), 3);
      Answer second = co_await connection->run(one(echo, Params().add_text("three")), soon());
      EXPECT_TRUE(second && second->front().bytes(0, 0) == "three");
    }
  });
}

TEST(PostgresConnection, PreparesNoMoreThanItsBound) {
  run([](Executor executor) -> Work {
    Connection::Options options{.conninfo = postgres_url(), .max_statements = 2};
    auto connection = co_await connect(executor, std::move(options));
    for (std::int64_t i = 0; i < 5; ++i) {
      Answer answer =
          co_await connection->run(one(fmt::format("select $1 + {}", i), number(1)), soon());
      EXPECT_EQ(number_of(answer), i + 1);
    }
    Answer prepared =
        co_await connection->run(one("select count(*) from pg_prepared_statements"), soon());
    EXPECT_EQ(number_of(prepared), 2);
    connection->close();
  });
}

TEST(PostgresConnection, SessionsAreSetUp) {
  with_connection([](std::shared_ptr<Connection> connection) -> Work {
    Answer answer = co_await connection->run(
        one("select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where "
            "name in ('jit', 'enable_seqscan', 'synchronous_commit', 'application_name', "
            "'idle_in_transaction_session_timeout')"),
        soon());
    EXPECT_TRUE(answer);
    if (!answer) co_return;
    EXPECT_EQ(answer->front().bytes(0, 0),
              "application_name=mls-gateway enable_seqscan=off "
              "idle_in_transaction_session_timeout=3000 jit=off synchronous_commit=on");
  });
}

TEST(PostgresConnection, ThatIsLostFailsWhatIsUnderWay) {
  const PostgresSchema schema;
  std::vector<Failure> failures;
  bool closed = false;
  run([&](Executor executor) -> Work {
    Connection::Options options{.conninfo = schema.url() + "&application_name=" + schema.name()};
    auto connection = co_await connect(executor, std::move(options));
    connection->on_close([&] { closed = true; });
    for (int i = 0; i < 3; ++i) {
      auto told = [&](Answer answer) {
        if (!answer) failures.push_back(answer.error());
      };
      start(connection, one("select pg_sleep(60)"), soon(), std::move(told), executor);
    }
    auto other = co_await connect(executor);
    EXPECT_EQ(terminate(schema.name()), "1");
    other->close();
    Answer refused = co_await connection->run(one("select 1"), soon());
    EXPECT_FALSE(refused);
  });
  EXPECT_TRUE(closed);
  ASSERT_EQ(failures.size(), 3u);
  for (const Failure& failure : failures) EXPECT_EQ(failure.fault, Fault::lost);
  EXPECT_EQ(failures[0].sqlstate, "57P01");
}

TEST(PostgresConnection, NoAnswerByTheDeadlineClosesIt) {
  std::optional<Failure> other;
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    auto told = [&](Answer answer) {
      if (!answer) other = answer.error();
    };
    const auto executor = co_await boost::asio::this_coro::executor;
    const auto began = std::chrono::steady_clock::now();
    auto slow = one("select pg_sleep(60)");
    start(connection, one("select pg_sleep(60)"), soon(), std::move(told), executor);
    Answer answer = co_await connection->run(std::move(slow), in(100ms));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    EXPECT_TRUE(!answer && answer.error().fault == Fault::timeout);
    EXPECT_FALSE(connection->is_open());
    EXPECT_EQ(connection->in_flight(), 0u);
  });
  ASSERT_TRUE(other);
  EXPECT_EQ(other->fault, Fault::lost);
}

TEST(PostgresConnection, ADeadlineThatHasPassedSendsNothing) {
  with_connection([](std::shared_ptr<Connection> connection) -> Work {
    Answer answer = co_await connection->run(one("select 1"), in(-1ms));
    EXPECT_TRUE(!answer && answer.error().fault == Fault::refused);
    EXPECT_TRUE(connection->is_open());
  });
}

TEST(PostgresConnection, ACallerThatIsCancelledLeavesItInOrder) {
  bool gave_up = false;
  boost::asio::cancellation_signal signal;
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto told = [&](std::exception_ptr, Answer answer) { gave_up = !answer; };
    boost::asio::co_spawn(executor, connection->run(one("select pg_sleep(0.1)"), soon()),
                          boost::asio::bind_cancellation_slot(signal.slot(), std::move(told)));
    co_await boost::asio::post(executor, boost::asio::use_awaitable);  // now it is under way
    EXPECT_EQ(connection->in_flight(), 1u);
    signal.emit(boost::asio::cancellation_type::all);
    Answer answer = co_await connection->run(one(echo, number(2)), soon());
    EXPECT_EQ(number_of(answer), 2);
    EXPECT_TRUE(gave_up);
    EXPECT_TRUE(connection->is_open());
  });
}

TEST(PostgresConnection, LettingGoOfItWithCallsUnderWayIsSafe) {
  bool failed = false;
  run([&](Executor executor) -> Work {
    auto connection = co_await connect(executor);
    auto told = [&](Answer answer) { failed = !answer; };
    start(connection, one("select pg_sleep(60)"), soon(), std::move(told), executor);
    connection->post({"select pg_sleep(60)"});
    auto close = [connection] { connection->close(); };
    boost::asio::post(executor, std::move(close));
  });
  EXPECT_TRUE(failed);
}

TEST(PostgresConnection, LargeGroupsInBothDirectionsDoNotBlockEachOther) {
  const std::string large(100 * 1024, 'x');
  std::size_t bytes = 0;
  with_connection([&](std::shared_ptr<Connection> connection) -> Work {
    const auto executor = co_await boost::asio::this_coro::executor;
    for (int i = 0; i < 200; ++i) {
      auto told = [&](Answer answer) {
        if (answer) bytes += answer->front().bytes(0, 0).size();
      };
      start(connection, one(echo, Params().add_bytes(large)), soon(), std::move(told), executor);
    }
    Answer last = co_await connection->run(one("select 1"), soon());
    EXPECT_TRUE(last);
  });
  EXPECT_EQ(bytes, 200 * large.size());
}

TEST(PostgresConnection, RefusesMoreThanItsBounds) {
  run([](Executor executor) -> Work {
    Connection::Options options{.conninfo = postgres_url(), .max_in_flight = 1, .max_bytes = 1000};
    auto connection = co_await connect(executor, std::move(options));
    Answer large =
        co_await connection->run(one(echo, Params().add_bytes(std::string(1001, 'x'))), soon());
    EXPECT_TRUE(!large && large.error().sqlstate == "54000");
    connection->post({"select 1"});
    Answer second = co_await connection->run(one("select 1"), soon());
    EXPECT_TRUE(!second && second.error().sqlstate == "53400");
    connection->close();
  });
}

/// Why that URL does not connect.
Failure failure_of(const std::string& url, Deadline deadline = soon()) {
  Failure failure{};
  run([&](Executor executor) -> Work {
    auto connection = Connection::make(executor, {.conninfo = url});
    auto opened = co_await connection->open(deadline);
    EXPECT_FALSE(opened) << url;
    if (!opened) failure = opened.error();
  });
  EXPECT_FALSE(failure.message.empty()) << url;
  return failure;
}

TEST(PostgresConnection, NoFailureRepeatsThePassword) {
  for (const std::string url :
       {"postgresql://u:SECRET@127.0.0.1:1/db", "postgresql://u:SECRET/x@127.0.0.1/db",
        "postgresql://u:SEC RET@127.0.0.1/db", "postgresql://u:x%zzSECRET@127.0.0.1/db",
        "postgresql://u:p@127.0.0.1:1/db?SECRET=1", "host=127.0.0.1 password=SECRET port=SECRET",
        "password='SECRET", "postgresql://u:p@SECRET.invalid/db", "postgresql://u:SECRET@[::1/db"})
    EXPECT_THAT(failure_of(url).message, Not(HasSubstr("SEC"))) << url;
  const std::string nobody = postgres_url() + "&user=nobody&password=SECRET";
  EXPECT_THAT(failure_of(nobody).message, HasSubstr("does not exist"));
  EXPECT_THAT(failure_of(nobody).message, Not(HasSubstr("SECRET")));
}

TEST(PostgresConnection, AServerThatSaysNothingIsGivenUpAtTheDeadline) {
  using boost::asio::ip::tcp;
  boost::asio::io_context quiet;
  const tcp::acceptor acceptor(quiet, {boost::asio::ip::make_address("127.0.0.1"), 0});
  const auto url = fmt::format("postgresql://u@127.0.0.1:{}/db", acceptor.local_endpoint().port());
  EXPECT_EQ(failure_of(url, in(100ms)).fault, Fault::timeout);
}

TEST(PostgresConnection, AStandbyIsRefused) {
  const PostgresCluster cluster;
  cluster.make_standby();
  const Failure failure = failure_of(cluster.url());
  EXPECT_EQ(failure.fault, Fault::refused);
  EXPECT_THAT(failure.message, HasSubstr("standby"));
}

}  // namespace
