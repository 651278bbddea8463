// The gateway's rules through one worker, by what clients see: writing, founding, inviting, reading.
#include "unit/extensions/gateway_fixture.h"

namespace {

using extensions::mls_gateway::Config;
using Gateway = test::GatewayFixture;

TEST_F(Gateway, InvitationFoundsAGroupOfTwoMembers) {
  start_gateway();
  found_group();
  EXPECT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr(",true,\"\""));
  EXPECT_THAT(publish(connect_as(bob), one_time, 445, {{"h", "g"}, {"k", "1"}}),
              testing::HasSubstr(",true,\"\""));
  auto& reader = connect_as(bob);
  EXPECT_EQ(events_for(reader, R"({"kinds":[445],"#h":["g"]})"), 2u);
}

TEST_F(Gateway, TheRegistrysEpochOnlyRises) {
  start_gateway();
  found_group();
  auto& member = connect_as(bob);
  (void)publish(member, one_time, 445, {{"h", "g"}, {"k", "5"}});
  (void)publish(member, one_time, 445, {{"h", "g"}, {"k", "0"}});
  (void)publish(member, one_time, 445, {{"h", "g"}});
  EXPECT_EQ(registered("g")->last_epoch, 5u);
}

TEST_F(Gateway, OutsidersWriteNothingIntoAGatedGroup) {
  start_gateway();
  found_group();
  auto& outsider = connect_as(mallory);
  EXPECT_THAT(publish(outsider, mallory, 445, {{"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(outsider, mallory, 1059, {{"p", mallory.hex()}, {"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect(), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect(), one_time, 1059, {{"p", bob.hex()}, {"h", "g"}}),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_EQ(events_for(outsider, R"({"kinds":[1059]})"), 0u);
}

TEST_F(Gateway, RefusalOfADuplicateDoesNotTellThatItIsStored) {
  start_gateway();
  found_group();
  const std::string secret = one_time.sign(445, {{"h", "g"}}, "secret", now);
  ASSERT_THAT(RelayFixture::publish(connect_as(alice), secret), testing::HasSubstr(",true,"));
  auto& outsider = connect_as(mallory);
  EXPECT_THAT(RelayFixture::publish(outsider, secret), testing::HasSubstr("false,\"restricted:"));
  // With another event on its way the worker leaves the decision to the commit: same answer.
  (void)send(outsider, "[\"EVENT\"," + mallory.sign(1, {}, "cover", now) + "]");
  (void)send(outsider, "[\"EVENT\"," + secret + "]");
  EXPECT_THAT(await(outsider, ",true,"), testing::HasSubstr("OK"));
  EXPECT_THAT(await(outsider, "OK"), testing::HasSubstr("false,\"restricted:"));
}

TEST_F(Gateway, OnlyMembersReadAGatedGroup) {
  start_gateway();
  found_group();
  auto& member = connect_as(bob);
  auto& outsider = connect_as(mallory);
  auto& anonymous = connect();
  for (auto* client : {&member, &outsider}) (void)request(*client, "live", R"({"#h":["g"]},{})");
  (void)request(anonymous, "live", "{}");
  ASSERT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "for members"),
              testing::HasSubstr(",true,"));
  for (const char* filters : {R"({"#h":["g"]})", "{}", R"({"kinds":[445]},{"kinds":[1]})"}) {
    EXPECT_EQ(events_for(outsider, filters), 0u) << filters;
    EXPECT_EQ(events_for(anonymous, filters), 0u) << filters;
  }
  EXPECT_EQ(events_for(member, R"({"kinds":[445]})"), 1u);
  for (auto* client : {&outsider, &anonymous}) {
    EXPECT_FALSE(std::ranges::any_of(
        client->all, [](const auto& text) { return text.contains("for members"); }));
  }
  EXPECT_FALSE(await(member, "\"live\"").empty());
}

TEST_F(Gateway, AnInviteeReadsOnASubscriptionThatWasOpenBefore) {
  start_gateway();
  auto& member = connect_as(bob);
  (void)request(member, "live", R"({"kinds":[445],"#h":["g"]})");
  found_group();
  (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "welcome");
  EXPECT_FALSE(await(member, "welcome").empty());
}

TEST_F(Gateway, RefusalsDoNotTellWhetherAGroupExists) {
  Config config{.group_creation = "admins"};
  config.founders_restricted = true;
  config.founders = {alice.key()};
  start_gateway(config);
  found_group();
  const auto reason = [](const std::string& ok) { return ok.substr(ok.find("false")); };
  auto& outsider = connect_as(mallory);
  EXPECT_EQ(reason(publish(outsider, mallory, 445, {{"h", "g"}, {"k", "1"}})),
            reason(publish(outsider, mallory, 445, {{"h", "none"}, {"k", "1"}})));
  EXPECT_EQ(reason(publish(outsider, mallory, 1059, {{"p", bob.hex()}, {"h", "g"}})),
            reason(publish(outsider, mallory, 1059, {{"p", bob.hex()}, {"h", "none"}})));
  EXPECT_EQ(reason(publish(connect(), one_time, 445, {{"h", "g"}, {"k", "1"}})),
            reason(publish(connect(), one_time, 445, {{"h", "none"}, {"k", "1"}})));
}

TEST_F(Gateway, OnlyTheRecipientReadsWrapsAndNoiseMessages) {
  start_gateway();
  (void)publish(connect(), one_time, 1059, {{"p", bob.hex()}});
  (void)publish(connect_as(alice), alice, 446, {{"p", bob.hex()}});
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[446,1059]})"), 2u);
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[446,1059]})"), 0u);
  EXPECT_EQ(events_for(connect(), "{}"), 0u);
}

TEST_F(Gateway, NoiseMessagesNeedAnAuthenticatedSender) {
  start_gateway();
  EXPECT_THAT(publish(connect(), alice, 446, {{"p", bob.hex()}}),
              testing::HasSubstr("false,\"auth-required:"));
}

TEST_F(Gateway, AnonymousRequestsForGatedThingsAloneAreClosed) {
  start_gateway();
  found_group();
  auto& client = connect();
  for (
      const char* filters :
      {R"({"kinds":[1059]})", R"({"kinds":[446,1059]},{"kinds":[445]})",
       R"({"kinds":[445],"#h":["g"]})",
       R"({"kinds":[443],"#p":["0000000000000000000000000000000000000000000000000000000000000001"]})"}) {
    EXPECT_THAT(request(client, "q", filters).back(),
                testing::HasSubstr("CLOSED\",\"q\",\"auth-required:"))
        << filters;
  }
  for (const char* filters :
       {"{}", R"({"kinds":[1,1059]})", R"({"kinds":[1059]},{"kinds":[1]})",
        R"({"kinds":[445],"#h":["other"]})", R"({"kinds":[445],"#h":["g","other"]})"}) {
    EXPECT_THAT(request(client, "q", filters).back(), testing::HasSubstr("EOSE")) << filters;
  }
}

TEST_F(Gateway, ABareMessageFoundsACapabilityGroupReadOnlyByItsId) {
  start_gateway();
  auto& anonymous = connect();
  const std::string id(64, 'c');
  (void)request(anonymous, "named", R"({"kinds":[445],"#h":[")" + id + R"(","other"]})");
  ASSERT_THAT(publish(connect(), one_time, 445, {{"h", id}}, "bare"), testing::HasSubstr(",true,"));
  EXPECT_FALSE(await(anonymous, "bare").empty());
  EXPECT_EQ(events_for(anonymous, R"({"kinds":[445],"#h":[")" + id + R"("]})"), 1u);
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[445]})"), 0u);
  EXPECT_EQ(events_for(anonymous, "{}"), 0u);
  EXPECT_EQ(events_for(anonymous, R"({"authors":[")" + one_time.hex() + R"("]})"), 0u);
}

TEST_F(Gateway, InvitationsNeverTouchACapabilityGroup) {
  start_gateway();
  (void)publish(connect(), one_time, 445, {{"h", "g"}});
  EXPECT_THAT(publish(connect_as(alice), one_time, 1059, {{"p", bob.hex()}, {"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
}

TEST_F(Gateway, GatewayDialectWithoutAuthFoundsNothing) {
  start_gateway();
  EXPECT_THAT(publish(connect(), one_time, 445, {{"h", "g"}, {"k", "0"}}),
              testing::HasSubstr("false,\"auth-required:"));
}

TEST_F(Gateway, MarmotGroupsCanBeSwitchedOffOrNeedAuth) {
  start_gateway({.marmot = "off"});
  EXPECT_THAT(publish(connect(), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(request(connect(), "q", R"({"kinds":[445],"#h":["g"]})").back(),
              testing::HasSubstr("auth-required:"));
}

TEST_F(Gateway, MarmotGroupsCanNeedAuth) {
  start_gateway({.marmot = "require-auth"});
  EXPECT_THAT(publish(connect(), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}}),
              testing::HasSubstr(",true,"));
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[445],"#h":["g"]})"), 1u);
}

TEST_F(Gateway, OnlyFoundersMayFound) {
  Config config{.group_creation = "admins"};
  config.founders_restricted = true;
  config.founders = {bob.key()};
  start_gateway(config);
  EXPECT_THAT(publish(connect_as(alice), one_time, 1059, {{"p", bob.hex()}, {"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect_as(bob), one_time, 1059, {{"p", alice.hex()}, {"h", "g"}}),
              testing::HasSubstr(",true,"));
}

TEST_F(Gateway, OnlyAdminsInviteWhereConfigured) {
  start_gateway({.invite_by = "admins"});
  found_group();
  EXPECT_THAT(publish(connect_as(bob), one_time, 1059, {{"p", mallory.hex()}, {"h", "g"}}),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect_as(alice), one_time, 1059, {{"p", mallory.hex()}, {"h", "g"}}),
              testing::HasSubstr(",true,"));
}

TEST_F(Gateway, APHintNarrowsReadersWhereConfigured) {
  start_gateway({.p_hint = "narrow"});
  found_group();
  (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}, {"p", alice.hex()}});
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[445]})"), 0u);
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[445]})"), 1u);
}

TEST_F(Gateway, InvitationsAndPackagesEndAtTheirTtlFromArrival) {
  start_gateway({.keypackage_ttl = 100, .welcome_ttl = 50, .keypackage_validation = "off"});
  found_group();
  ASSERT_THAT(
      publish(connect_as(bob), bob, 443, {{"p", bob.hex()}, {"exp", std::to_string(now + 10'000)}}),
      testing::HasSubstr(",true,"));
  auto& reader = connect_as(bob);
  EXPECT_EQ(events_for(reader, R"({"kinds":[443,1059]})"), 2u);
  now_ = now + 60;
  EXPECT_EQ(events_for(reader, R"({"kinds":[443,1059]})"), 1u);
  now_ = now + 101;
  EXPECT_EQ(events_for(reader, R"({"kinds":[443,1059]})"), 0u);
}

}  // namespace
