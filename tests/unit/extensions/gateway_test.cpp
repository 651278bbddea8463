// The gateway's rules through one worker, by what clients see: writing, founding, inviting, reading.
#include <fmt/format.h>

#include "extensions/mls_gateway/extension.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::mls_gateway::Config;
using extensions::mls_gateway::MlsGateway;
using test::Client;
using test::Signer;
using test::TagList;

class Gateway : public test::RelayFixture {
 protected:
  void start_gateway(Config config = {}) {
    start({std::make_shared<MlsGateway>(std::move(config), log_)});
  }

  Client& connect_as(const Signer& signer) {
    auto& client = connect();
    EXPECT_TRUE(authenticate(client, signer).contains(",true,"));
    return client;
  }

  std::string publish(Client& client, const Signer& author, int kind, const TagList& tags,
                      std::string_view text = "x") {
    return RelayFixture::publish(client, author.sign(kind, tags, text, now_));
  }

  /// Alice founds "g" and invites Bob.
  void found_group() {
    ASSERT_TRUE(publish(connect_as(alice), one_time, 1059, {{"p", bob.hex()}, {"h", "g"}})
                    .contains(",true,\"\""));
  }

  std::size_t events_for(Client& client, const std::string& filters) {
    const auto answer = request(client, "q", filters);
    return static_cast<std::size_t>(std::ranges::count_if(
        answer, [](const auto& text) { return text.starts_with("[\"EVENT\",\"q\""); }));
  }

  const Signer alice{1}, bob{2}, mallory{3}, one_time{9};
};

struct ShapeCase {
  const char* name;
  int kind;
  TagList tags;
  const char* answer;
};

class Shape : public Gateway, public testing::WithParamInterface<ShapeCase> {};

TEST_P(Shape, IsChecked) {
  start_gateway({.keypackage_validation = "off"});
  const ShapeCase& shape = GetParam();
  EXPECT_THAT(publish(connect_as(alice), alice, shape.kind, shape.tags),
              testing::HasSubstr(shape.answer));
}

const std::string somebody(64, 'a'), nobody(64, 'b');

INSTANTIATE_TEST_SUITE_P(
    Events, Shape,
    testing::Values(
        ShapeCase{"WelcomeOnItsOwn", 444, {}, "false,\"invalid: a Welcome"},
        ShapeCase{"Roster", 450, {{"h", "g"}}, "false,\"restricted:"},
        ShapeCase{
            "MessageWithoutGroup", 445, {}, "false,\"invalid: a group message has exactly one `h`"},
        ShapeCase{"MessageWithTwoGroups",
                  445,
                  {{"h", "g"}, {"h", "g"}},
                  "false,\"invalid: a group message has exactly one `h`"},
        ShapeCase{
            "MessageWithBadEpoch", 445, {{"h", "g"}, {"k", "-1"}}, "false,\"invalid: the epoch"},
        ShapeCase{"MessageWithHugeEpoch",
                  445,
                  {{"h", "g"}, {"k", "9223372036854775808"}},
                  "false,\"invalid: the epoch"},
        ShapeCase{"MessageWithEmptyGroup", 445, {{"h", ""}}, "false,\"invalid: the group id"},
        ShapeCase{"MessageWithLongGroup",
                  445,
                  {{"h", std::string(129, 'g')}},
                  "false,\"invalid: the group id"},
        ShapeCase{
            "MessageWithControlCharacter", 445, {{"h", "g\n"}}, "false,\"invalid: the group id"},
        ShapeCase{"NoiseWithoutRecipient", 446, {}, "false,\"invalid: exactly one `p`"},
        ShapeCase{"NoiseWithTwoRecipients",
                  446,
                  {{"p", somebody}, {"p", somebody}},
                  "false,\"invalid: exactly one `p`"},
        ShapeCase{"NoiseWithOtherVersion",
                  446,
                  {{"p", somebody}, {"v", "noise.2"}},
                  "false,\"invalid: `v`"},
        ShapeCase{"Noise", 446, {{"p", somebody}, {"v", "noise.1"}}, ",true,\"\""},
        ShapeCase{"WrapWithoutRecipient", 1059, {{"h", "g"}}, "false,\"invalid: exactly one `p`"},
        ShapeCase{"WrapWithBadRecipient", 1059, {{"p", "bob"}}, "false,\"invalid: `p`"},
        ShapeCase{"WrapWithTwoGroups",
                  1059,
                  {{"p", somebody}, {"h", "g"}, {"h", "i"}},
                  "false,\"invalid: a gift wrap has at most one `h`"},
        ShapeCase{"WrapWithOtherVersion",
                  1059,
                  {{"p", somebody}, {"v", "gift.2"}},
                  "false,\"invalid: `v`"},
        ShapeCase{"PackageOfSomeoneElse",
                  443,
                  {{"p", somebody}},
                  "false,\"invalid: `p` of a key package"},
        ShapeCase{"ExpiredPackage",
                  443,
                  {{"exp", "1000"}},
                  "false,\"invalid: this key package has expired"},
        ShapeCase{"PackageWithOddExpiry", 443, {{"exp", "1e10"}}, "false,\"invalid: `exp`"},
        ShapeCase{"PackageWithoutTags", 443, {}, ",true,\"\""}),
    [](const auto& info) { return info.param.name; });

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

TEST_F(Gateway, KeyPackagesWithAnOwnerNeedItsProofAndAuthenticatedReaders) {
  start_gateway({.keypackage_validation = "off"});
  const TagList tags{{"p", bob.hex()}, {"kpr", "ref"}};
  EXPECT_THAT(publish(connect(), bob, 443, tags), testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(mallory), bob, 443, tags),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect_as(bob), bob, 443, tags), testing::HasSubstr(",true,"));
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[443]})"), 1u);
  EXPECT_EQ(events_for(connect(), R"({"kinds":[443]})"), 0u);
}

TEST_F(Gateway, AKeyReferenceIsUsedOnceWhileItLives) {
  start_gateway({.keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  const std::string first = bob.sign(443, {{"p", bob.hex()}, {"kpr", "ref"}}, "1", now);
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,\"\""));
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,\"duplicate:"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "ref"}}, "2"),
              testing::HasSubstr("false,\"invalid: this key reference"));
}

TEST_F(Gateway, DeletedPackagesMakeRoomInTheSameCommit) {
  start_gateway({.max_keypackages_per_user = 1, .keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  const std::string first = bob.sign(443, {{"p", bob.hex()}, {"kpr", "1"}}, "1", now);
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "2"}}),
              testing::HasSubstr("false,\"blocked:"));
  EXPECT_THAT(publish(owner, bob, 5, {{"e", first.substr(7, 64)}}), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "2"}}),
              testing::HasSubstr(",true,"));
}

TEST_F(Gateway, ExpiredPackagesStopCountingAtOnce) {
  start_gateway(
      {.keypackage_ttl = 10, .max_keypackages_per_user = 1, .keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "1"), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "2"),
              testing::HasSubstr("false,\"blocked:"));
  now_ = now + 11;
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "3"), testing::HasSubstr(",true,"));
}

TEST_F(Gateway, StrictValidationRefusesWhatIsNoKeyPackage) {
  start_gateway({.keypackage_validation = "strict"});
  EXPECT_THAT(publish(connect_as(bob), bob, 443, {{"p", bob.hex()}}, "AAAA"),
              testing::HasSubstr("false,\"invalid: key package:"));
}

TEST_F(Gateway, LoggedValidationTakesIt) {
  start_gateway();
  EXPECT_THAT(publish(connect_as(bob), bob, 443, {{"p", bob.hex()}}, "AAAA"),
              testing::HasSubstr(",true,"));
}

}  // namespace
