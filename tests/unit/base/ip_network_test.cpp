#include "base/ip_network.h"

#include <gmock/gmock.h>

namespace base {
namespace {

bool holds(const char* network, const char* address) {
  return parse_ip_network(network)->contains(*parse_ip_address(address));
}

TEST(IpAddress, Ipv4AndItsMappedFormAreOne) {
  EXPECT_EQ(parse_ip_address("192.0.2.1"), parse_ip_address("::ffff:192.0.2.1"));
  EXPECT_NE(parse_ip_address("192.0.2.1"), parse_ip_address("::192.0.2.1"));
}

TEST(IpAddress, WhatIsNoneIsRefused) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4 ", "::g", "localhost",
                           "[::1]", "10.0.0.0/8", "fe80::1%lo"})
    EXPECT_FALSE(parse_ip_address(text)) << text;
}

TEST(IpAddress, NetworkOfIpv6StandsForOneClient) {
  EXPECT_EQ(parse_ip_address("2001:db8:0:1::1")->client(),
            parse_ip_address("2001:db8:0:1:ffff::")->client());
  EXPECT_NE(parse_ip_address("2001:db8:0:1::1")->client(),
            parse_ip_address("2001:db8:0:2::1")->client());
  EXPECT_NE(parse_ip_address("192.0.2.1")->client(), parse_ip_address("192.0.2.2")->client());
}

TEST(IpAddress, IsWrittenAsPeopleWriteIt) {
  for (const char* text : {"192.0.2.7", "2001:db8::1", "::1"})
    EXPECT_EQ(to_text(*parse_ip_address(text)), text);
  EXPECT_EQ(to_text({}), "");
}

TEST(IpNetwork, HoldsTheAddressesThatShareItsFirstBits) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(holds("192.0.2.64/27", "192.0.2.95"));
  EXPECT_FALSE(holds("192.0.2.64/27", "192.0.2.96"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("::/0", "203.0.113.9"));
  EXPECT_TRUE(holds("192.0.2.7/24", "192.0.2.1")) << "what is behind the bits does not count";
}

TEST(IpNetwork, SingleAddressHoldsItself) {
  EXPECT_TRUE(holds("::1", "::1"));
  EXPECT_FALSE(holds("::1", "::2"));
  EXPECT_TRUE(holds("127.0.0.1", "127.0.0.1"));
}

TEST(IpNetwork, WhatIsNoneIsRefusedWithAnExample) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "::/129", "unix", "10.0.0.0/8/8"}) {
    const auto network = parse_ip_network(text);
    ASSERT_FALSE(network) << text;
    EXPECT_THAT(network.error(), testing::HasSubstr("192.0.2.0/24"));
  }
}

TEST(IpAddress, PublicIsWhatAnyoneOnTheInternetMayHave) {
  for (const char* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1"})
    EXPECT_TRUE(is_public(*parse_ip_address(text))) << text;
  for (const char* text :
       {"127.0.0.1", "::1", "::", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "169.254.169.254", "fc00::1", "fd12::1", "fe80::1", "::ffff:10.0.0.1"})
    EXPECT_FALSE(is_public(*parse_ip_address(text))) << text;
}

TEST(IpNetwork, IsOneValueHoweverItIsWritten) {
  const auto same = [](const char* a, const char* b) {
    return canonical(*parse_ip_network(a)) == canonical(*parse_ip_network(b));
  };
  EXPECT_TRUE(same("192.0.2.7/24", "192.0.2.0/24"));
  EXPECT_TRUE(same("192.0.2.7/31", "192.0.2.6/31"));
  EXPECT_TRUE(same("192.0.2.7", "192.0.2.7/32"));
  EXPECT_TRUE(same("2001:db8::1/32", "2001:db8:ffff::/32"));
  EXPECT_FALSE(same("192.0.2.7", "192.0.2.6"));
  EXPECT_FALSE(same("192.0.2.0/24", "192.0.2.0/25"));
}

TEST(IpNetwork, IsWrittenAsItIsRead) {
  for (const char* text :
       {"192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/0", "::1"})
    EXPECT_EQ(cidr_text(*parse_ip_network(text)), text);
}

}  // namespace
}  // namespace base
