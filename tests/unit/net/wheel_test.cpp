#include "net/wheel.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace net {
namespace {

using testing::ElementsAre;

struct Entry final : Watched {
  explicit Entry(Wheel& owner) : wheel(owner) {}
  void on_tick() override {
    looked_at.push_back(wheel.now());
    if (again > 0) wheel.file(*this, again);
  }
  void stop() override { wheel.file(*this, 3); }
  void abort() override { aborted = true; }

  Wheel& wheel;
  Tick again = 0;
  std::vector<Tick> looked_at;
  bool aborted = false;
};

void pass(Wheel& wheel, int ticks) {
  for (int i = 0; i < ticks; ++i) wheel.advance();
}

TEST(Wheel, LooksAtAnEntryAtItsTickOnly) {
  Wheel wheel;
  Entry entry(wheel);
  wheel.file(entry, 3);
  pass(wheel, 100);
  EXPECT_THAT(entry.looked_at, ElementsAre(3));
}

TEST(Wheel, EntryMayFileItselfAgain) {
  Wheel wheel;
  Entry entry(wheel);
  entry.again = Wheel::slots - 1;
  wheel.file(entry, 1);
  pass(wheel, 64);
  EXPECT_THAT(entry.looked_at, ElementsAre(1, 32, 63));
}

TEST(Wheel, FilingAgainReplacesTheEarlierTick) {
  Wheel wheel;
  Entry entry(wheel);
  wheel.file(entry, 2);
  wheel.file(entry, 5);
  pass(wheel, 10);
  EXPECT_THAT(entry.looked_at, ElementsAre(5));
}

TEST(Wheel, DestroyedEntryLeaves) {
  Wheel wheel;
  auto entry = std::make_unique<Entry>(wheel);
  wheel.file(*entry, 2);
  entry.reset();
  pass(wheel, 5);
}

TEST(Wheel, StopAndAbortReachEveryEntry) {
  Wheel wheel;
  Entry one(wheel), two(wheel);
  wheel.file(one, 1);
  wheel.file(two, 3);
  wheel.stop_all();
  pass(wheel, 2);
  EXPECT_TRUE(one.looked_at.empty());
  wheel.abort_all();
  EXPECT_TRUE(one.aborted);
  EXPECT_TRUE(two.aborted);
}

}  // namespace
}  // namespace net
