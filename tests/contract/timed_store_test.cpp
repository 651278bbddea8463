// A store whose calls are timed is the same store.
#include "store/timed_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory/memory_store.h"
#include "support/await.h"

namespace {

using store::Call;

class Calls final : public store::CallObserver {
 public:
  void called(Call call, std::chrono::nanoseconds took) override {
    EXPECT_GT(took.count(), 0);
    calls.push_back(call);
  }
  std::vector<Call> calls;
};

TEST(TimedStore, TellsOfEachCallAndAnswersAsTheOtherDoes) {
  store::MemoryStore memory;
  Calls told;
  store::TimedStore timed(memory, told);
  const store::NoStager none;
  EXPECT_TRUE(test::await(timed.append({}, none)));
  EXPECT_TRUE(test::await(timed.query({.filter = nostr::Filter{}, .after = {}, .up_to = {}})));
  EXPECT_EQ(test::await(timed.get_rows({"a", "b"}))->size(), 2u);
  EXPECT_TRUE(test::await(timed.scan_rows("a", std::nullopt, 10)));
  EXPECT_EQ(test::await(timed.purge_expired(1, 10, none))->removed, 0u);
  EXPECT_EQ(test::await(timed.info())->events, 0u);
  EXPECT_THAT(told.calls,
              testing::ElementsAre(Call::append, Call::query, Call::rows, Call::rows, Call::purge));
}

}  // namespace
