#include "nostr/kind_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using nostr::KindSet;

TEST(KindSet, HoldsSingleKindsAndRangesWithTheirEnds) {
  const auto set = KindSet::parse("1, 7 30000-39999,65535").value();
  for (const nostr::Kind kind : {1, 7, 30000, 35000, 39999, 65535}) EXPECT_TRUE(set.contains(kind));
  for (const nostr::Kind kind : {0, 2, 6, 29999, 40000, 65534}) EXPECT_FALSE(set.contains(kind));
}

TEST(KindSet, GrowsByAnother) {
  auto set = KindSet::parse("1").value();
  set.add(KindSet::parse("4-5").value());
  EXPECT_TRUE(set.contains(1) && set.contains(5));
  EXPECT_FALSE(set.contains(2));
}

TEST(KindSet, WhatIsNoKindIsRefusedWithAnExample) {
  for (const char* text : {"", ",", "x", "1;7", "-1", "65536", "9-3", "1-", "1 - 7", "1.0"}) {
    const auto set = KindSet::parse(text);
    ASSERT_FALSE(set) << text;
    EXPECT_THAT(set.error(), testing::HasSubstr("1,7,30000-39999"));
  }
}

}  // namespace
