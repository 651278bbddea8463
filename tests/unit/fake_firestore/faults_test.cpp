#include "fake_firestore/faults.h"

#include <gtest/gtest.h>

#include <future>

namespace fake_firestore {
namespace {

using namespace std::chrono_literals;

const auto waits = [] { return false; };

TEST(Faults, AreMetByTheirMethodAsOftenAsOrdered) {
  Faults faults;
  faults.add({.method = "Commit", .times = 2, .code = Code::aborted});
  EXPECT_FALSE(faults.meet("RunQuery", When::before, waits));
  EXPECT_FALSE(faults.meet("Commit", When::after, waits));
  EXPECT_EQ(faults.meet("Commit", When::before, waits)->code, Code::aborted);
  EXPECT_EQ(faults.meet("Commit", When::before, waits)->code, Code::aborted);
  EXPECT_FALSE(faults.meet("Commit", When::before, waits));
}

TEST(Faults, ComeInTheOrderOfTheirOrders) {
  Faults faults;
  faults.add({.method = "Commit", .code = Code::aborted});
  faults.add({.method = "Commit", .code = Code::unavailable});
  EXPECT_EQ(faults.meet("Commit", When::before, waits)->code, Code::aborted);
  EXPECT_EQ(faults.meet("Commit", When::before, waits)->code, Code::unavailable);
}

TEST(Faults, AHeldCallGoesOnWhenReleased) {
  Faults faults;
  faults.add({.method = "Commit", .held = true});
  auto call = std::async(std::launch::async,
                         [&] { return faults.meet("Commit", When::before, waits).has_value(); });
  ASSERT_TRUE(faults.wait_until_held(1, 10s));
  EXPECT_EQ(call.wait_for(0s), std::future_status::timeout);
  faults.release();
  EXPECT_FALSE(call.get());
  EXPECT_EQ(faults.held(), 0u);
}

TEST(Faults, AHeldCallIsLetGoOfWhenItsCallerHasGone) {
  Faults faults;
  faults.add({.method = "Commit", .held = true});
  EXPECT_FALSE(faults.meet("Commit", When::before, [] { return true; }));
}

TEST(Faults, ADelayIsTaken) {
  Faults faults;
  faults.add({.method = "Commit", .delay = 30ms});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(faults.meet("Commit", When::before, waits));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
}

TEST(Faults, ClearedOnesAreNotMet) {
  Faults faults;
  faults.add({.method = "Commit", .times = 9, .code = Code::aborted});
  faults.clear();
  EXPECT_FALSE(faults.meet("Commit", When::before, waits));
}

TEST(Faults, CallsAreCountedByMethod) {
  Faults faults;
  faults.count_call("Commit");
  faults.count_call("Commit");
  EXPECT_EQ(faults.calls("Commit"), 2);
  EXPECT_EQ(faults.calls("Listen"), 0);
}

TEST(Codes, HaveTheNamesOfGoogleRpc) {
  EXPECT_EQ(code_of("ABORTED"), Code::aborted);
  EXPECT_EQ(static_cast<int>(*code_of("UNAUTHENTICATED")), 16);
  EXPECT_EQ(code_of("aborted"), std::nullopt);
}

}  // namespace
}  // namespace fake_firestore
