#include "base/budgets.h"

#include <gtest/gtest.h>

#include <string>

#include "base/ip_address.h"

namespace {

constexpr base::UnixSeconds now = 1'700'000'000;

struct Purse {
  base::Budgets& budgets;
  std::uint64_t purse;
  base::Budgets::Rate rate;

  std::optional<base::UnixSeconds> spend(base::UnixSeconds at) const {
    const base::Budgets::Charge charge{purse, rate};
    return budgets.spend({&charge, 1}, at);
  }
};

TEST(Budgets, AllowAsManyAsTheyHoldAndThenSayHowLongToWait) {
  base::Budgets budgets(1024);
  const Purse alice{budgets, budgets.purse('e', "alice"), {10, 60}};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(alice.spend(now), std::nullopt) << i;
  EXPECT_EQ(alice.spend(now), 6);
  EXPECT_EQ(alice.spend(now + 5), 1);
}

TEST(Budgets, RefillEvenly) {
  base::Budgets budgets(1024);
  const Purse alice{budgets, budgets.purse('e', "alice"), {10, 60}};
  for (int i = 0; i < 10; ++i) (void)alice.spend(now);
  EXPECT_EQ(alice.spend(now + 6), std::nullopt);
  EXPECT_NE(alice.spend(now + 6), std::nullopt);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(alice.spend(now + 1000), std::nullopt) << i;
  EXPECT_NE(alice.spend(now + 1000), std::nullopt);
}

TEST(Budgets, OwnersAndPurposesAreApart) {
  base::Budgets budgets(1024);
  const Purse alice{budgets, budgets.purse('e', "alice"), {1, 60}};
  EXPECT_EQ(alice.spend(now), std::nullopt);
  EXPECT_NE(alice.spend(now), std::nullopt);
  EXPECT_EQ((Purse{budgets, budgets.purse('e', "bob"), {1, 60}}.spend(now)), std::nullopt);
  EXPECT_EQ((Purse{budgets, budgets.purse('k', "alice"), {1, 60}}.spend(now)), std::nullopt);
}

TEST(Budgets, ZeroIsNoLimit) {
  base::Budgets budgets(8);
  const Purse alice{budgets, budgets.purse('e', "alice"), {0, 60}};
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(alice.spend(now), std::nullopt);
}

TEST(Budgets, ARefusalChargesNothing) {
  base::Budgets budgets(1024);
  const base::Budgets::Charge wide{budgets.purse('e', "alice"), {2, 60}};
  const base::Budgets::Charge narrow{budgets.purse('k', "alice"), {1, 3600}};
  const std::array both{wide, narrow};
  EXPECT_EQ(budgets.spend(both, now), std::nullopt);
  EXPECT_EQ(budgets.spend(both, now), 3600);
  EXPECT_EQ(budgets.spend({&wide, 1}, now), std::nullopt) << "the wide one was charged once only";
}

TEST(Budgets, HoldUnderManyStrangersInFixedMemory) {
  base::Budgets budgets(64);
  const Purse busy{budgets, budgets.purse('e', "busy"), {5, 60}};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(busy.spend(now), std::nullopt);
  // Strangers who come once are forgotten before someone whose budget is spent.
  for (int i = 0; i < 10'000; ++i)
    EXPECT_EQ((Purse{budgets, budgets.purse('e', std::to_string(i)), {5, 60}}.spend(now)),
              std::nullopt);
  EXPECT_NE(busy.spend(now), std::nullopt);
}

TEST(Budgets, AClockSetBackMakesNobodyWaitLongerThanAPeriod) {
  base::Budgets budgets(64);
  const Purse alice{budgets, budgets.purse('e', "alice"), {2, 60}};
  (void)alice.spend(now);
  (void)alice.spend(now);
  EXPECT_LE(alice.spend(now - 100'000).value_or(0), 60);
}

base::IpAddress address(std::initializer_list<std::uint8_t> bytes) {
  base::IpAddress made;
  std::ranges::copy(bytes, made.value.bytes.begin());
  return made;
}

TEST(IpAddress, OneClientIsAnIpv4AddressOrSixtyFourBitsOfIpv6) {
  const auto v4 = address({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1});
  const auto v4_next = address({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 2});
  EXPECT_NE(v4.client(), v4_next.client());
  const auto v6 = address({0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1});
  const auto v6_same = address({0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9});
  const auto v6_other = address({0x20, 1, 0xd, 0xb8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(v6.client(), v6_same.client());
  EXPECT_NE(v6.client(), v6_other.client());
}

}  // namespace
