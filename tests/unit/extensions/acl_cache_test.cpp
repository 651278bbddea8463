#include "extensions/mls_gateway/acl_cache.h"

#include <gmock/gmock.h>

#include "support/event_builder.h"

namespace extensions::mls_gateway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Cache : public testing::Test {
 protected:
  void put(std::uint64_t key, std::string_view group, Standing standing = Standing::member,
           std::chrono::milliseconds ttl = 60s) {
    cache.put({test::bytes32(key), group}, standing, now, ttl, now);
  }
  Standing find(std::uint64_t key, std::string_view group) {
    return cache.find({test::bytes32(key), group}, now);
  }
  /// The groups that are to be asked about again.
  std::vector<std::string> take_due(bool kept = false) {
    std::vector<std::string> groups;
    for (auto& pair : cache.take_due(now, [&](auto&, auto) { return kept; }))
      groups.push_back(pair.group);
    return groups;
  }

  SteadyTime now{1000s};
  AclCache cache{3};
};

TEST_F(Cache, AnAnswerHoldsForItsTime) {
  EXPECT_EQ(find(1, "g"), Standing::unknown);
  put(1, "g", Standing::admin);
  EXPECT_EQ(find(1, "g"), Standing::admin);
  EXPECT_EQ(find(2, "g"), Standing::unknown);
  EXPECT_EQ(find(1, "h"), Standing::unknown);
  now += 60s - 1ms;
  EXPECT_EQ(find(1, "g"), Standing::admin);
  now += 1ms;
  EXPECT_EQ(find(1, "g"), Standing::unknown);
}

TEST_F(Cache, TimeCountsFromTheQuestion) {
  cache.put({test::bytes32(1), "g"}, Standing::member, now - 59s, 60s, now);
  EXPECT_EQ(find(1, "g"), Standing::member);
  now += 1s;
  EXPECT_EQ(find(1, "g"), Standing::unknown);
}

TEST_F(Cache, AnAnswerThatMayNotBeKeptEndsTheOlderOne) {
  put(1, "g", Standing::member);
  put(1, "g", Standing::outsider, 0s);
  EXPECT_EQ(find(1, "g"), Standing::unknown);
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(Cache, IsBoundedAndKeepsWhatIsUsed) {
  put(1, "a");
  put(1, "b");
  put(1, "c");
  EXPECT_EQ(find(1, "a"), Standing::member);
  put(1, "d");
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(find(1, "b"), Standing::unknown);
  EXPECT_EQ(find(1, "a"), Standing::member);
}

TEST_F(Cache, MakesRoomEvenWhenEverythingIsUsed) {
  for (const auto* group : {"a", "b", "c", "d", "e"}) {
    put(1, group);
    EXPECT_EQ(find(1, group), Standing::member);
  }
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(find(1, "e"), Standing::member);
}

TEST_F(Cache, ForgetsOnePairOneGroupOrAll) {
  put(1, "g");
  put(2, "g");
  put(1, "h");
  cache.forget({test::bytes32(1), "g"});
  EXPECT_EQ(find(1, "g"), Standing::unknown);
  EXPECT_EQ(find(2, "g"), Standing::member);
  cache.forget_group("g");
  EXPECT_EQ(find(2, "g"), Standing::unknown);
  EXPECT_EQ(find(1, "h"), Standing::member);
  cache.forget_all();
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.next_due(), std::nullopt);
}

TEST_F(Cache, WhatIsUsedIsDueInItsLastQuarterThreeTimes) {
  put(1, "used");
  put(1, "unused");
  EXPECT_EQ(find(1, "used"), Standing::member);
  EXPECT_EQ(cache.next_due(), now + 45s);
  EXPECT_THAT(take_due(), IsEmpty());
  for (const auto step : {45'000ms, 7'500ms, 3'750ms}) {
    now += step;
    EXPECT_EQ(cache.next_due(), now);
    EXPECT_THAT(take_due(), ElementsAre("used"));
  }
  now += 3'750ms;
  EXPECT_THAT(take_due(), IsEmpty());
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(Cache, UseCountsSinceTheLastAnswer) {
  put(1, "g");
  EXPECT_EQ(find(1, "g"), Standing::member);
  put(1, "g");
  now += 45s;
  EXPECT_THAT(take_due(), IsEmpty());
  EXPECT_EQ(find(1, "g"), Standing::member);  // late, and not too late
  now += 8s;
  EXPECT_THAT(take_due(), ElementsAre("g"));
}

TEST_F(Cache, WhatIsKeptIsDueWithoutUse) {
  put(1, "g");
  now += 45s;
  EXPECT_THAT(take_due(true), ElementsAre("g"));
}

}  // namespace
}  // namespace extensions::mls_gateway
