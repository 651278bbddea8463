#include "store/fetched/loop.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>

#include "store/postgres/pool.h"
#include "support/await.h"
#include "unit/postgres/on_server.h"

namespace {

using store::fetched::Loop;
using store::postgres::Pool;
using namespace test;

boost::asio::awaitable<std::thread::id> own_thread() { co_return std::this_thread::get_id(); }

TEST(PostgresLoop, WorkIsDoneOnItsThreadAndTheCallerGoesOnOnItsOwn) {
  Loop loop;
  run([&](Executor) -> Work {
    const auto there = co_await loop.run(own_thread());
    EXPECT_NE(there, std::this_thread::get_id());
    std::thread::id again;
    loop.run_now([&] { again = std::this_thread::get_id(); });
    EXPECT_EQ(there, again);
  });
}

TEST(PostgresLoop, FourThreadsAskAtOnce) {
  Loop loop;
  std::shared_ptr<Pool> pool;
  loop.run_now([&] { pool = Pool::make(loop.executor(), {.conninfo = postgres_url()}); });
  std::array<std::int64_t, 4> sums{};
  const auto ask = [&](std::int64_t& sum) {
    run([&](Executor) -> Work {
      for (std::int64_t i = 0; i < 100; ++i) {
        auto question = pool->run(one("select $1", Params().add(i)), soon());
        Answer answer = co_await loop.run(std::move(question));
        if (!answer) co_return;
        sum += number_of(answer);
      }
    });
  };
  std::vector<std::thread> threads;
  for (std::int64_t& sum : sums) threads.emplace_back([&] { ask(sum); });
  for (std::thread& thread : threads) thread.join();
  loop.run_now([&] { pool->close(); });
  for (const std::int64_t sum : sums) EXPECT_EQ(sum, 4950);
}

boost::asio::awaitable<bool> finish(Executor caller, boost::asio::cancellation_signal& signal,
                                    bool& finished) {
  auto cancel = [&signal] { signal.emit(boost::asio::cancellation_type::all); };
  auto cancelled = boost::asio::co_spawn(
      caller, [](auto now) -> boost::asio::awaitable<bool> { co_return now(), true; }(cancel),
      boost::asio::use_awaitable);
  co_await std::move(cancelled);
  co_return finished = true;
}

TEST(PostgresLoop, ACallerThatIsCancelledWaitsForTheEndOfTheWork) {
  Loop loop;
  boost::asio::io_context callers;
  boost::asio::cancellation_signal signal;
  bool finished = false, seen = false;
  auto told = [&](std::exception_ptr, bool) { seen = finished; };
  boost::asio::co_spawn(callers, loop.run(finish(callers.get_executor(), signal, finished)),
                        boost::asio::bind_cancellation_slot(signal.slot(), told));
  callers.run();
  EXPECT_TRUE(seen);
}

}  // namespace
