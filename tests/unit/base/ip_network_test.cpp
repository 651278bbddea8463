#include "base/ip_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using base::parse_ip_network;

base::IpAddress address(std::string_view text) { return parse_ip_network(text).value().address; }

TEST(IpNetwork, HoldsTheAddressesThatBeginLikeIt) {
  const auto holds = [](std::string_view network, std::string_view one) {
    return parse_ip_network(network).value().contains(address(one));
  };
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.7/24", "192.0.2.1")) << "what is behind the bits does not count";
  EXPECT_TRUE(holds("10.0.0.0/9", "10.127.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/9", "10.128.0.1"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(holds("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(holds("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1")) << "IPv4 is one network among others";
  EXPECT_TRUE(holds("::/0", "203.0.113.9"));
  EXPECT_TRUE(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
}

TEST(IpNetwork, WhatIsNoneIsRefusedWithAnExample) {
  for (const char* text : {"", "localhost", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "::/129",
                           "192.0.2.0/-1", "192.0.2.0/8x", "/8", "192.0.2.0/24/8"}) {
    const auto network = parse_ip_network(text);
    ASSERT_FALSE(network) << text;
    EXPECT_THAT(network.error(), testing::HasSubstr("192.0.2.0/24"));
  }
}

TEST(IpAddress, IsWrittenAsPeopleWriteIt) {
  for (const char* text : {"192.0.2.7", "2001:db8::1", "::1"})
    EXPECT_EQ(base::to_text(address(text)), text);
  EXPECT_EQ(base::to_text({}), "");
}

}  // namespace
