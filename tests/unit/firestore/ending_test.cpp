// Callers that give up, and clients that go while calls are under way.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "unit/firestore/on_fake.h"

namespace {

using namespace test;
namespace asio = boost::asio;
using store::firestore::Failure;

class FirestoreEnding : public OnFake {
 protected:
  void hold(const std::string& method, int times = 1) {
    fake.faults().add({.method = method, .times = times, .held = true});
  }
  [[nodiscard]] bool held(std::size_t calls) { return fake.faults().wait_until_held(calls, 20s); }

  std::optional<Client> leaving{options()};
};

/// Keeps why it failed.
auto into(std::optional<Failure>& failure) {
  return [&failure](std::exception_ptr, auto outcome) {
    if (!outcome) failure = outcome.error();
  };
}

TEST_F(FirestoreEnding, ACallerThatIsCancelledIsNotWaitedFor) {
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<Failure> failure;
  hold("Commit");
  asio::co_spawn(loop, client.commit(of(creation("a")), soon()),
                 asio::bind_cancellation_slot(signal.slot(), into(failure)));
  loop.poll();
  ASSERT_TRUE(held(1));
  signal.emit(asio::cancellation_type::terminal);
  loop.run();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, StatusCode::CANCELLED);
  EXPECT_TRUE(may_have_happened(*failure));
  EXPECT_TRUE(eventually([&] { return fake.faults().held() == 0; })) << "the server knows";
}

TEST_F(FirestoreEnding, AReadThatIsCancelledIsNotTriedAgain) {
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<Failure> failure;
  hold("RunQuery");
  asio::co_spawn(loop, client.run_query(above(0), std::nullopt, soon()),
                 asio::bind_cancellation_slot(signal.slot(), into(failure)));
  loop.poll();
  ASSERT_TRUE(held(1));
  signal.emit(asio::cancellation_type::terminal);
  loop.run();
  ASSERT_TRUE(failure);
  EXPECT_EQ(fake.faults().calls("RunQuery"), 1);
}

TEST_F(FirestoreEnding, AReadThatIsCancelledBetweenAttemptsEnds) {
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<Failure> failure;
  fake.faults().add({.method = "RunQuery", .code = Code::resource_exhausted});
  asio::co_spawn(loop, client.run_query(above(0), std::nullopt, soon()),
                 asio::bind_cancellation_slot(signal.slot(), into(failure)));
  loop.run_one();  // sends
  loop.run_one();  // the answer: it waits
  signal.emit(asio::cancellation_type::terminal);
  loop.run();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(fake.faults().calls("RunQuery"), 1);
}

TEST_F(FirestoreEnding, AClientThatGoesCancelsWhatIsUnderWay) {
  asio::io_context loop;
  std::optional<Failure> commit, query;
  hold("Commit");
  hold("RunQuery");
  asio::co_spawn(loop, leaving->commit(of(creation("a")), soon()), into(commit));
  asio::co_spawn(loop, leaving->run_query(above(0), std::nullopt, soon()), into(query));
  loop.poll();
  ASSERT_TRUE(held(2));
  leaving.reset();
  loop.run();
  ASSERT_TRUE(commit && query);
  EXPECT_EQ(commit->code, StatusCode::CANCELLED);
  EXPECT_EQ(query->code, StatusCode::CANCELLED);
  EXPECT_EQ(fake.faults().calls("RunQuery"), 1) << "none begins on a client that has gone";
}

TEST_F(FirestoreEnding, ACallThatBeginsAfterItsClientHasGoneIsNotSent) {
  auto call = leaving->commit(of(creation("a")), soon());
  leaving.reset();
  const auto done = await(std::move(call));
  EXPECT_EQ(done.error().code, StatusCode::CANCELLED);
  EXPECT_FALSE(done.error().sent);
}

/// The sanitizers look at what is left.
TEST_F(FirestoreEnding, TheLoopOfACallerMayEndBeforeItsAnswerIsTaken) {
  const auto kept = std::make_shared<int>(1);
  auto loop = std::make_optional<asio::io_context>();
  const auto keep = [](std::shared_ptr<int>, auto call) -> asio::awaitable<void> {
    (void)co_await std::move(call);
  };
  hold("Commit", 8);
  for (int i = 0; i < 8; ++i)
    asio::co_spawn(*loop, keep(kept, leaving->commit(of(creation("a")), soon())), asio::detached);
  loop->poll();
  ASSERT_TRUE(held(8));
  leaving.reset();
  loop.reset();
  EXPECT_EQ(kept.use_count(), 1);
}

TEST_F(FirestoreEnding, AClientMayGoAtAnyMoment) {
  for (int i = 0; i < 200; ++i) {
    asio::io_context loop;
    int ended = 0;
    for (int call = 0; call < 4; ++call)
      asio::co_spawn(loop, leaving->batch_get({"c/a"}, std::nullopt, soon()),
                     [&](std::exception_ptr, auto) { ++ended; });
    loop.poll();
    for (int handled = 0; handled < i % 4; ++handled) loop.run_one();
    leaving.emplace(options());
    loop.run();
    EXPECT_EQ(ended, 4);
  }
}

}  // namespace
