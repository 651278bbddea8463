#include "store/postgres/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <future>

#include "store/fetched/loop.h"
#include "unit/postgres/on_server.h"

namespace {

using store::fetched::Loop;
using store::postgres::Pool;
using namespace test;
using namespace std::chrono_literals;

/// A pool whose sessions bear a name of their own, on a thread of its own.
class PostgresPool : public testing::Test {
 protected:
  ~PostgresPool() override {
    if (pool_) loop_.run_now([this] { pool_->close(); });
  }

  void open(Pool::Options options) {
    if (options.conninfo.empty())
      options.conninfo = schema_.url() + "&application_name=" + schema_.name();
    loop_.run_now([&] { pool_ = Pool::make(loop_.executor(), std::move(options)); });
  }

  std::future<Answer> ask(std::string sql, Deadline deadline = soon()) {
    return boost::asio::co_spawn(loop_.executor(), pool_->run(one(std::move(sql)), deadline),
                                 boost::asio::use_future);
  }
  std::int64_t answer(std::string sql) {
    Answer found = ask(std::move(sql)).get();
    return number_of(found);
  }

  /// Waits for a lock that Holder holds.
  [[nodiscard]] std::string blocked() const {
    return fmt::format("select 7::int8 from (select pg_advisory_xact_lock_shared({})) as l",
                       lock());
  }
  [[nodiscard]] bool are_blocked(int sessions) const {
    return eventually(
        fmt::format("select count(*) = {} from pg_locks where locktype = 'advisory' and not granted"
                    " and objid = {}",
                    sessions, lock()));
  }
  [[nodiscard]] std::uint32_t lock() const {
    return static_cast<std::uint32_t>(std::hash<std::string>()(schema_.name())) & 0x7fffffff;
  }

  /// Holds the lock until it goes.
  struct Holder {
    explicit Holder(std::uint32_t lock)
        : connection(PQconnectdb(postgres_url().c_str()), PQfinish) {
      const auto sql = fmt::format("select pg_advisory_lock({})", lock);
      PQclear(PQexec(connection.get(), sql.c_str()));
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection;
  };

  PostgresSchema schema_;
  Loop loop_;
  std::shared_ptr<Pool> pool_;
};

TEST_F(PostgresPool, OneConnectionServesThoseWhoAskOneAfterTheOther) {
  open({});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(answer("select 7::int8"), 7);
  loop_.run_now([&] { EXPECT_EQ(pool_->open_connections(), 1u); });
}

TEST_F(PostgresPool, OpensMoreWhenAllAreBusyUpToItsBound) {
  open({.max = 3, .per_connection = 1});
  std::vector<std::future<Answer>> asked;
  {
    const Holder holder(lock());
    for (int i = 0; i < 6; ++i) asked.push_back(ask(blocked()));
    EXPECT_TRUE(are_blocked(3));
    loop_.run_now([&] { EXPECT_EQ(pool_->open_connections(), 3u); });
  }
  for (auto& future : asked) {
    Answer found = future.get();
    EXPECT_EQ(number_of(found), 7);
  }
}

TEST_F(PostgresPool, AsksOnceMoreWhatALostConnectionLeftUnanswered) {
  open({.max = 1});
  std::future<Answer> asked;
  {
    const Holder holder(lock());
    asked = ask(blocked());
    EXPECT_TRUE(are_blocked(1));
    EXPECT_EQ(terminate(schema_.name()), "1");
    EXPECT_TRUE(are_blocked(1)) << "it is asked on a new connection";
  }
  Answer found = asked.get();
  EXPECT_EQ(number_of(found), 7);
}

TEST_F(PostgresPool, GivesUpWhatLosesItsConnectionTwice) {
  open({.max = 1});
  const Holder holder(lock());
  auto asked = ask(blocked());
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_TRUE(are_blocked(1));
    EXPECT_EQ(terminate(schema_.name()), "1");
  }
  const Answer found = asked.get();
  EXPECT_TRUE(!found && found.error().fault == Fault::lost);
}

TEST_F(PostgresPool, RecoversAfterAllItsConnectionsWereLost) {
  open({.max = 2});
  EXPECT_EQ(answer("select 7::int8"), 7);
  EXPECT_EQ(terminate(schema_.name()), "1");
  EXPECT_EQ(answer("select 8::int8"), 8);
}

TEST_F(PostgresPool, WithoutAServerTheDeadlineEndsTheWait) {
  open({.conninfo = "postgresql://u@127.0.0.1:1/db"});
  const Answer found = ask("select 1", in(300ms)).get();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().fault, Fault::lost);
  EXPECT_THAT(found.error().message, testing::HasSubstr("refused"));
}

TEST_F(PostgresPool, RefusesToLetMoreWaitThanItsBound) {
  open({.conninfo = "postgresql://u@127.0.0.1:1/db", .max_waiting = 1});
  auto first = ask("select 1", in(300ms));
  const Answer second = ask("select 1", in(10s)).get();
  EXPECT_TRUE(!second && second.error().sqlstate == "53300");
  EXPECT_FALSE(first.get());
}

TEST_F(PostgresPool, ClosingItEndsEveryWait) {
  open({.max = 1, .per_connection = 1});
  const Holder holder(lock());
  auto first = ask(blocked()), second = ask("select 1");
  EXPECT_TRUE(are_blocked(1));
  loop_.run_now([&] { pool_->close(); });
  EXPECT_FALSE(first.get());
  EXPECT_FALSE(second.get());
  EXPECT_FALSE(ask("select 1").get());
}

}  // namespace
