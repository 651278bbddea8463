#include "store/firestore/ramp.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using store::firestore::Ramp;

const Ramp::Time start{24h};

TEST(FirestoreRamp, TheFirstSecondsWritesGoAtOnce) {
  Ramp ramp(start);
  EXPECT_EQ(ramp.book(200, start), 0s);
  EXPECT_EQ(ramp.book(300, start), 0s);
  EXPECT_EQ(ramp.book(50, start), 100ms);
  EXPECT_EQ(ramp.book(500, start), 1100ms);
}

TEST(FirestoreRamp, WhatWasNotUsedIsNotSavedForLongerThanASecond) {
  Ramp ramp(start);
  EXPECT_EQ(ramp.book(1000, start + 1min), 1s);
}

TEST(FirestoreRamp, ItGrowsByHalfEveryFiveMinutesUpToALimit) {
  const Ramp ramp(start);
  EXPECT_EQ(ramp.rate(start), 500);
  EXPECT_EQ(ramp.rate(start + 299s), 500);
  EXPECT_EQ(ramp.rate(start + 5min), 750);
  EXPECT_EQ(ramp.rate(start + 10min), 1125);
  EXPECT_EQ(ramp.rate(start + 24h * 365), Ramp::most);
}

TEST(FirestoreRamp, KeepsTheRateForAsLongAsItIsAsked) {
  Ramp ramp(start);
  Ramp::Time now = start;
  for (int i = 0; i < 100; ++i) now += ramp.book(500, now);
  EXPECT_EQ(now - start, 99s);
}

}  // namespace
