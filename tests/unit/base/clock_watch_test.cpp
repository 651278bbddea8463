#include "base/clock_watch.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

class ClockWatch : public testing::Test {
 protected:
  /// Both clocks go on; the system's `ahead` further.
  bool after(std::chrono::seconds passed, std::chrono::seconds ahead = 0s) {
    steady_ += passed;
    now_ += (passed + ahead).count();
    return watch_.believes(now_, steady_);
  }

  base::ClockWatch watch_;
  base::UnixSeconds now_ = 1'700'000'000;
  base::ClockWatch::Steady steady_{};
};

TEST_F(ClockWatch, BelievesAClockThatGoes) {
  EXPECT_TRUE(after(0s));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(after(30s));
  EXPECT_TRUE(after(24h));
}

TEST_F(ClockWatch, TakesSmallJumpsForCorrections) {
  EXPECT_TRUE(after(0s));
  EXPECT_TRUE(after(30s, 59min));
  EXPECT_TRUE(after(30s, -59min));
}

TEST_F(ClockWatch, DoubtsALargeJumpAheadForAnHour) {
  EXPECT_TRUE(after(0s));
  EXPECT_FALSE(after(30s, 24h * 365));
  EXPECT_FALSE(after(59min));
  EXPECT_TRUE(after(2min));
}

TEST_F(ClockWatch, BelievesAClockThatWasSetRightAgain) {
  EXPECT_TRUE(after(0s));
  EXPECT_FALSE(after(30s, 48h));
  EXPECT_TRUE(after(30s, -48h));
}

TEST_F(ClockWatch, BelievesAClockThatIsSetBack) {
  EXPECT_TRUE(after(0s));
  EXPECT_TRUE(after(30s, -24h * 365));
  EXPECT_TRUE(after(30s));
}

}  // namespace
