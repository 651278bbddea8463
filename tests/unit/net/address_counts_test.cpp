#include "net/address_counts.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/ip_network.h"

namespace net {
namespace {

base::IpAddress address(const std::string& text) { return *base::parse_ip_address(text); }

TEST(AddressCounts, LetsInAsManyAsAllowedAndAgainWhenOneLeaves) {
  AddressCounts counts(64);
  const auto one = address("192.0.2.1");
  const auto first = counts.enter(one, 2);
  ASSERT_TRUE(first);
  EXPECT_TRUE(counts.enter(one, 2));
  EXPECT_FALSE(counts.enter(one, 2));
  EXPECT_TRUE(counts.enter(address("192.0.2.2"), 2));
  counts.leave(*first);
  EXPECT_TRUE(counts.enter(one, 2));
  EXPECT_FALSE(counts.enter(one, 2));
}

TEST(AddressCounts, NetworkOfIpv6IsOneClient) {
  AddressCounts counts(64);
  EXPECT_TRUE(counts.enter(address("2001:db8:0:1::1"), 1));
  EXPECT_FALSE(counts.enter(address("2001:db8:0:1::2"), 1));
  EXPECT_TRUE(counts.enter(address("2001:db8:0:2::1"), 1));
}

TEST(AddressCounts, ClientWithoutAPlaceIsLetInUncounted) {
  AddressCounts counts(8);
  std::vector<AddressCounts::Seat> seats;
  for (int i = 0; i < 100; ++i) {
    const auto seat = counts.enter(address("192.0.2." + std::to_string(i)), 1);
    ASSERT_TRUE(seat) << i;
    seats.push_back(*seat);
  }
  EXPECT_EQ(std::ranges::count(seats, AddressCounts::uncounted), 92);
  for (const auto seat : seats) counts.leave(seat);
  EXPECT_NE(counts.enter(address("198.51.100.1"), 1), AddressCounts::uncounted);
}

TEST(AddressCounts, HoldsForClientsOfManyThreads) {
  AddressCounts counts(1024);
  const auto one = address("192.0.2.1");
  const auto first = counts.enter(one, 10);  // so that no two threads are the first
  std::atomic<int> inside = 1, most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        const auto seat = counts.enter(one, 10);
        if (!seat) continue;
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
        counts.leave(*seat);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 10);
  counts.leave(*first);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(counts.enter(one, 10)) << "a count was lost";
  EXPECT_FALSE(counts.enter(one, 10));
}

}  // namespace
}  // namespace net
