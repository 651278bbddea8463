#include "base/bounded_queue.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <thread>

using testing::ElementsAre;
using Queue = base::BoundedQueue<std::string>;
using Pushed = Queue::Pushed;

TEST(BoundedQueue, TellsTheFirstProducerToWakeTheConsumer) {
  Queue queue(10, 1000);
  EXPECT_EQ(queue.push("a"), Pushed::first);
  EXPECT_EQ(queue.push("b"), Pushed::more);
  EXPECT_THAT(queue.take_all(), ElementsAre("a", "b"));
  EXPECT_EQ(queue.push("c"), Pushed::first);
}

TEST(BoundedQueue, RefusesMoreItemsThanItsLimit) {
  Queue queue(2, 1000);
  (void)queue.push("a");
  (void)queue.push("b");
  std::string item = "refused";
  EXPECT_EQ(queue.push(std::move(item)), Pushed::full);
  EXPECT_EQ(item, "refused");
  EXPECT_THAT(queue.take_all(), ElementsAre("a", "b"));
}

TEST(BoundedQueue, RefusesMoreBytesThanItsLimit) {
  Queue queue(10, 100);
  EXPECT_EQ(queue.push("a", 60), Pushed::first);
  EXPECT_EQ(queue.push("b", 41), Pushed::full);
  EXPECT_EQ(queue.push("c", 40), Pushed::more);
  (void)queue.take_all();
  EXPECT_EQ(queue.push("d", 100), Pushed::first);
}

TEST(BoundedQueue, TakingFromAnEmptyQueueGivesNothing) {
  Queue queue(1, 1);
  EXPECT_TRUE(queue.take_all({"stale"}).empty());
}

TEST(BoundedQueue, KeepsEachProducersOrder) {
  base::BoundedQueue<std::pair<int, int>> queue(1'000'000, 0);
  constexpr int producers = 4, each = 5000;
  std::vector<std::thread> threads;
  for (int producer = 0; producer < producers; ++producer)
    threads.emplace_back([&queue, producer] {
      for (int i = 0; i < each; ++i) (void)queue.push({producer, i});
    });
  int expected[producers] = {};
  for (int taken = 0; taken < producers * each;) {
    for (const auto& [producer, i] : queue.take_all()) {
      ASSERT_EQ(i, expected[producer]++);
      ++taken;
    }
  }
  for (auto& thread : threads) thread.join();
}
