#include "base/percent.h"

#include <gtest/gtest.h>

using namespace base;

TEST(PercentDecoded, GivesTheBytesMeant) {
  EXPECT_EQ(percent_decoded("a%2Fb%c3%A9+c"), "a/b\xc3\xa9+c");
  EXPECT_EQ(percent_decoded(""), "");
}

TEST(PercentDecoded, RefusesWhatIsCutShort) {
  for (const auto* text : {"%", "%2", "a%", "%zz", "%-1", "%+1"})
    EXPECT_FALSE(percent_decoded(text)) << text;
}

TEST(QueryValue, IsTheFirstOfItsName) {
  EXPECT_EQ(query_value("a=1&owner=x%20y&owner=z", "owner"), "x y");
  EXPECT_EQ(query_value("owner", "owner"), "");
  EXPECT_EQ(query_value("owners=1&=2&", "owner"), std::nullopt);
  EXPECT_EQ(query_value("owner=%", "owner"), std::nullopt);
}
