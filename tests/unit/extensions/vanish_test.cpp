// Requests to vanish (NIP-62): what they mean for key packages and memberships.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::Signer;
using test::TagList;
using testing::HasSubstr;

class Vanish : public test::GatewayFixture {
 protected:
  std::string vanish(const Signer& signer, const std::string& relay = "ws://relay.test") {
    return publish(connect(), signer, 62, {{"relay", relay}});
  }
};

TEST_F(Vanish, PackagesLeaveThePoolWithTheirOwner) {
  start_gateway({.max_keypackages_per_user = 1, .keypackage_validation = "off"});
  const TagList tags{{"p", bob.hex()}, {"kpr", "ref"}};
  auto& owner = connect_as(bob);
  ASSERT_THAT(publish(owner, bob, 443, tags, "1"), HasSubstr(",true,\"\""));
  ASSERT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "2"), HasSubstr("false,\"blocked:"));
  EXPECT_THAT(vanish(bob), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[443]})"), 0u);
  now_ = now + 1;
  EXPECT_THAT(publish(owner, bob, 443, tags, "3"), HasSubstr(",true,\"\""));
}

TEST_F(Vanish, VanishedPackagesAreNotHandedOut) {
  start_gateway({.keypackage_validation = "off", .keypackage_delivery = "single_use"});
  auto& owner = connect_as(bob);
  for (const char* text : {"1", "2"}) (void)publish(owner, bob, 443, {{"p", bob.hex()}}, text);
  const auto filter = R"({"kinds":[443],"authors":[")" + bob.hex() + "\"]}";
  ASSERT_EQ(events_for(connect_as(alice), filter), 1u);
  ASSERT_THAT(vanish(bob), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(connect_as(alice), filter), 0u);
}

TEST_F(Vanish, MembershipsEndAtOnceOnOpenSubscriptions) {
  start_gateway();
  found_group();
  auto& member = connect_as(bob);
  (void)request(member, "live", R"({"kinds":[445]})");
  (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "before");
  ASSERT_TRUE(has_seen(member, "before"));
  ASSERT_EQ(registered("g")->member_count, 2u);
  EXPECT_THAT(vanish(bob), HasSubstr(",true,\"\""));
  (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "after");
  EXPECT_FALSE(has_seen(member, "after"));
  EXPECT_EQ(events_for(member, R"({"kinds":[445]})"), 0u);
  EXPECT_THAT(publish(member, one_time, 445, {{"h", "g"}}, "mine"),
              HasSubstr("false,\"restricted:"));
  EXPECT_EQ(registered("g")->member_count, 1u);
}

TEST_F(Vanish, EvenTheLastAdminGoes) {
  start_gateway();
  found_group();
  EXPECT_THAT(vanish(alice, "ALL_RELAYS"), HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->admin_count, 0u);
  EXPECT_EQ(registered("g")->member_count, 1u);
  EXPECT_THAT(publish(connect_as(bob), one_time, 445, {{"h", "g"}}), HasSubstr(",true,\"\""));
}

TEST_F(Vanish, MembersMayLeaveAGroupThatHasNoAdminAnyMore) {
  start_gateway();
  found_group();
  ASSERT_THAT(vanish(alice), HasSubstr(",true,\"\""));
  EXPECT_THAT(publish(connect_as(bob), bob, 450, {{"h", "g"}, {"op", "leave"}}),
              HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->member_count, 0u);
}

TEST_F(Vanish, EveryGroupIsLeft) {
  start_gateway();
  found_group();
  (void)publish(connect_as(carol), one_time, 1059, {{"p", bob.hex()}, {"h", "other"}});
  EXPECT_THAT(vanish(bob), HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->member_count, 1u);
  EXPECT_EQ(registered("other")->member_count, 1u);
}

TEST_F(Vanish, ARequestToAnotherRelayDoesNothingHere) {
  start_gateway({.keypackage_validation = "off"});
  found_group();
  (void)publish(connect_as(bob), bob, 443, {{"p", bob.hex()}});
  EXPECT_THAT(vanish(bob, "wss://elsewhere.test"), HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->member_count, 2u);
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[443]})"), 1u);
  EXPECT_THAT(publish(connect_as(bob), one_time, 445, {{"h", "g"}}), HasSubstr(",true,\"\""));
}

TEST_F(Vanish, ARequestWithoutARelayIsRefused) {
  start_gateway();
  EXPECT_THAT(publish(connect(), bob, 62, {}), HasSubstr("false,\"invalid:"));
}

}  // namespace
