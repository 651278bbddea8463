#include "nostr/address.h"

#include <gtest/gtest.h>

#include "event_text.h"

using nostr::Address;
using nostr::parse_address;

namespace {

const std::string a64(64, 'a');

}  // namespace

TEST(Address, ReplaceableEventsHaveNoD) {
  for (const std::string kind : {"0", "3", "10000", "19999"})
    EXPECT_EQ(address_of(test::event({.kind = kind, .tags = R"([["d","x"]])"}))->d, "");
}

TEST(Address, AddressableEventsTakeTheFirstDWhereverItStands) {
  const auto d = [](const std::string& tags) {
    return address_of(test::event({.kind = "30023", .tags = tags}))->d;
  };
  EXPECT_EQ(d(R"([["t","z"],["d","x"],["d","y"]])"), "x");
  EXPECT_EQ(d(R"([["d"],["d","y"]])"), "");
  EXPECT_EQ(d("[]"), "");
}

TEST(Address, OtherEventsHaveNone) {
  for (const std::string kind : {"1", "5", "443", "445", "1059", "9999", "20000", "29999", "40000"})
    EXPECT_FALSE(address_of(test::event({.kind = kind}))) << kind;
}

TEST(Address, IsSplitAtMostTwice) {
  EXPECT_EQ(parse_address("30023:" + a64 + ":a:b:"), (Address{30023, test::key('a'), "a:b:"}));
  EXPECT_EQ(parse_address("30023:" + a64 + ":"), (Address{30023, test::key('a'), ""}));
  EXPECT_EQ(parse_address("0:" + a64 + ":"), (Address{0, test::key('a'), ""}));
}

TEST(Address, OtherTextsAreNone) {
  for (const std::string& bad :
       {std::string(), std::string(":"), std::string("::"), "30023:" + a64, "1:" + a64 + ":",
        "20000:" + a64 + ":x", "10002:" + a64 + ":x", "030023:" + a64 + ":x",
        "+30023:" + a64 + ":x", "95559:" + a64 + ":x", ":" + a64 + ":x",
        "30023:" + std::string(64, 'A') + ":x", "30023:" + a64.substr(1) + ":x",
        " 30023:" + a64 + ":x"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}
