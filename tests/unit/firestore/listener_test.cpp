#include "store/firestore/listener.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <set>

#include "unit/firestore/on_fake.h"

namespace {

using namespace test;
namespace asio = boost::asio;
using store::firestore::Listener;

/// Listens to what is above the n up to which it has heard of all.
class FirestoreListener : public OnFake {
 protected:
  ~FirestoreListener() override {
    listener.reset();
    guard.reset();
    thread.join();
  }

  void listen(Listener::Options options = {}) {
    listener.emplace(client, loop.get_executor(), options);
    listener->start({.make_query = [this] { return query(); },
                     .on_document = [this](const v1::Document& document) { hear(document); },
                     .on_state = [this](bool listening) { hear(listening); }});
  }
  v1::StructuredQuery query() {
    const std::lock_guard lock(mutex);
    marks.push_back(mark);
    return above(mark);
  }
  void hear(const v1::Document& document) {
    const std::lock_guard lock(mutex);
    const std::int64_t n = document.fields().at("n").integer_value();
    heard.push_back(n);
    while (moves && std::ranges::find(heard, mark + 1) != heard.end()) ++mark;
    changed.notify_all();
  }
  void hear(bool listening) {
    const std::lock_guard lock(mutex);
    states.push_back(listening);
    changed.notify_all();
  }
  template <class Condition>
  [[nodiscard]] bool wait(const Condition& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 20s, condition);
  }
  [[nodiscard]] bool heard_up_to(std::int64_t n) {
    return wait([&] { return std::ranges::find(heard, n) != heard.end(); });
  }
  [[nodiscard]] bool saw(std::vector<bool> wanted) {
    return wait([&] { return states == wanted; });
  }
  [[nodiscard]] std::int64_t opened() { return fake.faults().calls("Listen"); }
  void write(std::int64_t n) { ASSERT_TRUE(create(std::to_string(n), n)); }

  asio::io_context loop;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard{
      asio::make_work_guard(loop)};
  std::thread thread{[this] { loop.run(); }};

  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t mark = 0;  // guarded by mutex, as what follows
  bool moves = true;
  std::vector<std::int64_t> heard, marks;
  std::vector<bool> states;

  std::optional<Listener> listener;
};

TEST_F(FirestoreListener, HearsWhatIsThereAndWhatComes) {
  write(1);
  listen();
  EXPECT_TRUE(saw({true}));
  write(2);
  EXPECT_TRUE(heard_up_to(2));
  EXPECT_EQ(heard, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(client.billed().reads, static_cast<std::uint64_t>(fake.counts().reads));
}

TEST_F(FirestoreListener, AStreamThatWasCutIsOpenedAgainWithTheQueryMadeAnew) {
  listen();
  ASSERT_TRUE(saw({true}));
  write(1);
  ASSERT_TRUE(heard_up_to(1));
  fake.cut_streams();
  write(2);
  EXPECT_TRUE(heard_up_to(2));
  EXPECT_TRUE(saw({true, false, true}));
  EXPECT_EQ(heard, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(marks, (std::vector<std::int64_t>{0, 1}));
}

TEST_F(FirestoreListener, OpensAgainWhateverTheFailure) {
  for (const Code code :
       {Code::cancelled, Code::unavailable, Code::permission_denied, Code::resource_exhausted})
    fake.faults().add({.method = "Listen", .code = code});
  listen();
  EXPECT_TRUE(saw({true}));
  EXPECT_EQ(opened(), 5);
}

TEST_F(FirestoreListener, AResetOpensAgain) {
  listen();
  ASSERT_TRUE(saw({true}));
  fake.reset_targets();
  EXPECT_TRUE(saw({true, false, true}));
  EXPECT_EQ(opened(), 2);
}

TEST_F(FirestoreListener, ARefusedQueryIsMadeAnew) {
  listener.emplace(client, loop.get_executor());
  int made = 0;
  listener->start({.make_query =
                       [&] {
                         auto made_query = above(0);
                         if (made++ == 0) made_query.set_offset(-1);
                         return made_query;
                       },
                   .on_document = [](const v1::Document&) {},
                   .on_state = [this](bool listening) { hear(listening); }});
  EXPECT_TRUE(saw({true}));
  EXPECT_EQ(opened(), 2);
}

TEST_F(FirestoreListener, OutagesPass) {
  listen();
  ASSERT_TRUE(saw({true}));
  fake.stop();
  EXPECT_TRUE(saw({true, false}));
  ASSERT_TRUE(fake.start());
  write(1);
  EXPECT_TRUE(heard_up_to(1));
  EXPECT_TRUE(saw({true, false, true}));
}

TEST_F(FirestoreListener, PausesGrowWhileNothingIsHeard) {
  fake.faults().add({.method = "Listen", .times = 1000, .code = Code::unavailable});
  const auto begin = std::chrono::steady_clock::now();
  listen();
  ASSERT_TRUE(eventually([this] { return opened() >= 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, (25 + 50 + 100 + 200) * 1ms);
  EXPECT_TRUE(saw({}));
}

TEST_F(FirestoreListener, IsRenewedAfterSoManyDocuments) {
  listen({.renew_after_documents = 10});
  ASSERT_TRUE(saw({true}));
  for (std::int64_t n = 1; n <= 35; ++n) write(n);
  ASSERT_TRUE(heard_up_to(35));
  const std::set<std::int64_t> different(heard.begin(), heard.end());
  EXPECT_EQ(different.size(), 35u) << "none is missed";
  EXPECT_GE(opened(), 3);
  EXPECT_LE(opened(), 4);
  EXPECT_TRUE(saw({true})) << "a renewal is not told";
  EXPECT_TRUE(eventually([this] { return fake.streams() == 1; }));
}

TEST_F(FirestoreListener, AFirstResultAboveTheLimitIsNotReadAgainAndAgain) {
  for (std::int64_t n = 1; n <= 5; ++n) write(n);
  moves = false;
  listen({.renew_after_documents = 3});
  ASSERT_TRUE(saw({true}));
  write(6);
  ASSERT_TRUE(heard_up_to(6));
  EXPECT_EQ(opened(), 1);
}

TEST_F(FirestoreListener, IsRenewedAfterSoLong) {
  listen({.renew_after = 20ms});
  EXPECT_TRUE(eventually([this] { return opened() >= 4; }));
  write(1);
  EXPECT_TRUE(heard_up_to(1));
}

TEST_F(FirestoreListener, StoppedItIsSilentAndHasLetGoOfTheStream) {
  listen();
  ASSERT_TRUE(saw({true}));
  listener->stop();
  EXPECT_TRUE(eventually([this] { return fake.streams() == 0; }));
  write(1);
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(states, std::vector<bool>{true});
  EXPECT_EQ(opened(), 1);
}

TEST_F(FirestoreListener, StopWaitsForTheEndOfACallback) {
  std::promise<void> entered, leave;
  std::atomic<bool> left = false;
  listener.emplace(client, loop.get_executor());
  listener->start({.make_query = [] { return above(0); },
                   .on_document = [](const v1::Document&) {},
                   .on_state =
                       [&](bool) {
                         entered.set_value();
                         leave.get_future().wait();
                         left = true;
                       }});
  entered.get_future().wait();
  auto stopping = std::async(std::launch::async, [&] {
    listener->stop();
    return left.load();
  });
  EXPECT_EQ(stopping.wait_for(20ms), std::future_status::timeout);
  leave.set_value();
  EXPECT_TRUE(stopping.get());
}

TEST_F(FirestoreListener, IsStoppedWhileItPausesAndOnItsOwnThread) {
  fake.faults().add({.method = "Listen", .times = 1000, .code = Code::unavailable});
  listen();
  ASSERT_TRUE(eventually([this] { return opened() >= 6; }));
  std::promise<void> stopped;
  asio::post(loop, [&] {
    listener->stop();
    stopped.set_value();
  });
  EXPECT_EQ(stopped.get_future().wait_for(20s), std::future_status::ready);
}

TEST_F(FirestoreListener, MissesNothingHoweverOftenItIsCutAndRenewed) {
  constexpr std::int64_t documents = 120;
  listen({.renew_after_documents = 7});
  for (std::int64_t n = 1; n <= documents; ++n) {
    write(n);
    if (n % 40 == 0) fake.cut_streams();
    if (n % 50 == 0) fake.reset_targets();
  }
  EXPECT_TRUE(wait([this] { return mark == documents; }));
}

/// The sanitizers look at what is left.
TEST_F(OnFake, TheLoopOfAListenerMayHaveEndedBeforeItIsStopped) {
  for (int handled = 0; handled < 12; ++handled) {
    asio::io_context loop;
    Listener listener(client, loop.get_executor());
    const auto kept = std::make_shared<int>(1);
    listener.start({.make_query = [] { return above(0); },
                    .on_document = [kept](const v1::Document&) {},
                    .on_state = [kept](bool) {}});
    for (int i = 0; i < handled % 4; ++i) loop.run_one();
    if (handled % 3 == 0) fake.cut_streams();
    listener.stop();
    EXPECT_EQ(kept.use_count(), 1);
    if (handled % 2 == 0) loop.run();
  }
}

}  // namespace
