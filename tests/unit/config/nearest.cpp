#include "config/nearest.h"

#include <gtest/gtest.h>

namespace {

const std::vector<std::string> known = {"host", "port", "workers", "allowed_origins"};

TEST(Nearest, FindsSlipsOfTheFinger) {
  EXPECT_EQ(config::nearest("prot", known), "port");
  EXPECT_EQ(config::nearest("ports", known), "port");
  EXPECT_EQ(config::nearest("wrokes", known), "workers");
  EXPECT_EQ(config::nearest("allowed_origin", known), "allowed_origins");
}

TEST(Nearest, SaysNothingAboutOtherWords) {
  EXPECT_EQ(config::nearest("timeout", known), std::nullopt);
  EXPECT_EQ(config::nearest("", known), std::nullopt);
  EXPECT_EQ(config::nearest(std::string(10'000, 'x'), known), std::nullopt);
}

}  // namespace
