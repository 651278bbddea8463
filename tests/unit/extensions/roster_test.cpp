// Roster events (450): members and admins by signed orders, through one worker, by what clients see.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::Client;
using test::Signer;
using test::TagList;
using testing::HasSubstr;

const std::string group_messages = R"({"kinds":[445],"#h":["g"]})";

class Roster : public test::GatewayFixture {
 protected:
  /// What `author` orders for "g" on a connection that proves it.
  std::string order(const Signer& author, std::string_view op, int seq, const TagList& more = {}) {
    return publish(connect_as(author), author, 450, order_tags("g", op, seq, more));
  }
  static TagList order_tags(std::string_view group, std::string_view op, int seq,
                            const TagList& more = {}) {
    TagList tags{{"h", std::string(group)}, {"op", std::string(op)}, {"seq", std::to_string(seq)}};
    tags.insert(tags.end(), more.begin(), more.end());
    return tags;
  }
  static TagList keys(std::initializer_list<const Signer*> signers) {
    TagList tags;
    for (const Signer* signer : signers) tags.push_back({"p", signer->hex()});
    return tags;
  }

  /// Alice is the admin of "g", Bob a member, and the last seq is 1.
  void bootstrap(Config config = {}) {
    start_gateway(std::move(config));
    ASSERT_THAT(order(alice, "bootstrap", 1, keys({&bob})), HasSubstr(",true,\"\""));
  }

  bool may_write(const Signer& signer) {
    const auto text = fmt::format("try {}", ++tries_);
    return publish(connect_as(signer), one_time, 445, {{"h", "g"}, {"k", "1"}}, text)
        .contains(",true,");
  }
  bool may_order(const Signer& signer, int seq) {
    return order(signer, "rename", seq, {{"name", "renamed"}}).contains(",true,\"\"");
  }

 private:
  int tries_ = 0;
};

TEST_F(Roster, BootstrapFoundsAGatedGroupWithItsMembers) {
  bootstrap();
  EXPECT_TRUE(may_write(alice));
  EXPECT_TRUE(may_write(bob));
  EXPECT_FALSE(may_write(mallory));
  const auto group = registered("g");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->founder, alice.key());
  EXPECT_EQ(group->member_count, 2u);
  EXPECT_EQ(group->admin_count, 1u);
}

TEST_F(Roster, AGroupIsBootstrappedOnce) {
  bootstrap();
  EXPECT_THAT(order(alice, "bootstrap", 2, keys({&carol})),
              HasSubstr("false,\"invalid: this group exists"));
  EXPECT_FALSE(may_write(carol));
}

TEST_F(Roster, AddedKeysReadAndWriteAtOnce) {
  bootstrap();
  auto& added = connect_as(carol);
  (void)request(added, "live", group_messages);
  EXPECT_THAT(order(alice, "add", 2, keys({&carol})), HasSubstr(",true,\"\""));
  (void)publish(connect_as(bob), one_time, 445, {{"h", "g"}}, "for carol too");
  EXPECT_TRUE(has_seen(added, "for carol too"));
  EXPECT_TRUE(may_write(carol));
  EXPECT_FALSE(may_order(carol, 3));
}

TEST_F(Roster, AddingAnAdminTakesNothingFromIt) {
  bootstrap();
  EXPECT_THAT(order(alice, "add", 2, keys({&alice, &bob})), HasSubstr(",true,\"\""));
  EXPECT_TRUE(may_order(alice, 3));
  EXPECT_EQ(registered("g")->member_count, 2u);
}

TEST_F(Roster, RemovedKeysLoseAccessAtOnce) {
  bootstrap();
  ASSERT_TRUE(may_write(alice));
  auto& removed = connect_as(bob);
  (void)request(removed, "live", group_messages + ",{}");
  ASSERT_EQ(events_for(removed, group_messages), 1u);
  EXPECT_THAT(order(alice, "remove", 2, keys({&bob})), HasSubstr(",true,\"\""));
  (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "not for bob");
  EXPECT_FALSE(has_seen(removed, "not for bob"));
  EXPECT_EQ(events_for(removed, group_messages), 0u);
  EXPECT_THAT(count(removed, group_messages), HasSubstr("\"count\":0"));
  EXPECT_FALSE(may_write(bob));
  EXPECT_EQ(registered("g")->member_count, 1u);
}

TEST_F(Roster, PromotedKeysChangeTheGroupStrangersIncluded) {
  bootstrap();
  EXPECT_FALSE(may_order(bob, 2));
  EXPECT_THAT(order(alice, "promote", 2, keys({&bob, &carol})), HasSubstr(",true,\"\""));
  EXPECT_TRUE(may_order(bob, 3));
  EXPECT_TRUE(may_order(carol, 4));
  EXPECT_EQ(registered("g")->admin_count, 3u);
}

TEST_F(Roster, DemotedKeysStayMembersAndStrangersOutside) {
  bootstrap();
  (void)order(alice, "promote", 2, keys({&bob}));
  EXPECT_THAT(order(alice, "demote", 3, keys({&bob, &carol})), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_order(bob, 4));
  EXPECT_TRUE(may_write(bob));
  EXPECT_FALSE(may_write(carol));
}

TEST_F(Roster, ReplaceLeavesExactlyTheNamedKeys) {
  bootstrap();
  EXPECT_THAT(order(alice, "replace", 2, keys({&alice, &carol})), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(bob));
  EXPECT_TRUE(may_write(carol));
  EXPECT_TRUE(may_order(alice, 3)) << "an admin who stays, stays an admin";
  EXPECT_FALSE(may_order(carol, 4));
  EXPECT_EQ(registered("g")->member_count, 2u);
}

TEST_F(Roster, TheKeyOfAnEpochHandsTheGroupToTheNext) {
  const Signer first(11), second(12), third(13);
  start_gateway();
  ASSERT_THAT(order(first, "bootstrap", 1), HasSubstr(",true,\"\""));
  auto& behind = connect_as(first);
  (void)request(behind, "live", group_messages);
  EXPECT_THAT(order(first, "replace", 2, keys({&second})), HasSubstr(",true,\"\""));
  (void)publish(connect_as(second), second, 445, {{"h", "g"}}, "next epoch");
  EXPECT_FALSE(has_seen(behind, "next epoch"));
  EXPECT_THAT(order(first, "replace", 3, keys({&first})), HasSubstr("false,\"restricted:"));
  EXPECT_THAT(order(second, "replace", 3, keys({&third})), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(second));
  EXPECT_TRUE(may_write(third));
}

TEST_F(Roster, RenameSetsTheDisplayName) {
  bootstrap();
  EXPECT_THAT(order(alice, "rename", 2, {{"name", "Sunday walks"}}), HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->display_name, "Sunday walks");
}

TEST_F(Roster, MembersLeaveWithoutASeq) {
  bootstrap();
  EXPECT_THAT(publish(connect_as(bob), bob, 450, {{"h", "g"}, {"op", "leave"}}),
              HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(bob));
  EXPECT_EQ(registered("g")->roster_seq, 1u) << "a member must not use up an admin's numbers";
}

TEST_F(Roster, OnlyTheAuthorPublishesItsOrder) {
  bootstrap();
  const TagList tags = order_tags("g", "remove", 2, keys({&bob}));
  EXPECT_THAT(publish(connect(), alice, 450, tags), HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(bob), alice, 450, tags), HasSubstr("false,\"restricted:"));
  EXPECT_TRUE(may_write(bob));
}

TEST_F(Roster, OnlyAdminsChangeTheGroup) {
  bootstrap();
  for (const char* op : {"add", "remove", "promote", "demote", "replace"}) {
    EXPECT_THAT(order(bob, op, 2, keys({&bob})), HasSubstr("restricted: only an admin")) << op;
  }
  EXPECT_THAT(order(bob, "rename", 2, {{"name", "mine"}}), HasSubstr("restricted: only an admin"));
  EXPECT_EQ(registered("g")->roster_seq, 1u);
}

TEST_F(Roster, AStaleSeqIsToldTheCurrentOne) {
  bootstrap();
  EXPECT_THAT(order(alice, "add", 7, keys({&carol})), HasSubstr(",true,\"\""));
  for (const int seq : {0, 6, 7}) {
    EXPECT_THAT(order(alice, "remove", seq, keys({&carol})),
                HasSubstr("false,\"invalid: stale seq, the current one is 7\""))
        << seq;
  }
  EXPECT_TRUE(may_write(carol));
}

TEST_F(Roster, OfTwoAdminsWithOneSeqTheSecondLoses) {
  bootstrap();
  (void)order(alice, "promote", 2, keys({&bob}));
  auto& first = connect_as(alice);
  auto& second = connect_as(bob);
  const auto tags = order_tags("g", "add", 3, keys({&carol}));
  (void)send(first, "[\"EVENT\"," + alice.sign(450, tags, "", now) + "]");
  (void)send(second, "[\"EVENT\"," + bob.sign(450, tags, "", now) + "]");
  EXPECT_THAT(await(first, "OK"), HasSubstr(",true,\"\""));
  EXPECT_THAT(await(second, "OK"), HasSubstr("false,\"invalid: stale seq, the current one is 3"));
}

TEST_F(Roster, TheLastAdminStaysUntilAnotherIsPromoted) {
  bootstrap();
  const auto refused = HasSubstr("false,\"invalid: a group needs an admin");
  EXPECT_THAT(order(alice, "remove", 2, keys({&alice})), refused);
  EXPECT_THAT(order(alice, "demote", 2, keys({&alice})), refused);
  EXPECT_THAT(order(alice, "leave", 2), refused);
  EXPECT_EQ(registered("g")->member_count, 2u);
  EXPECT_THAT(order(alice, "promote", 2, keys({&bob})), HasSubstr(",true,\"\""));
  EXPECT_THAT(order(alice, "leave", 3), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(alice));
  EXPECT_TRUE(may_order(bob, 3));
}

TEST_F(Roster, ARepeatedOrderIsADuplicate) {
  bootstrap();
  auto& client = connect_as(alice);
  const std::string event = alice.sign(450, order_tags("g", "add", 2, keys({&carol})), "", now);
  EXPECT_THAT(RelayFixture::publish(client, event), HasSubstr(",true,\"\""));
  EXPECT_THAT(RelayFixture::publish(client, event), HasSubstr(",true,\"duplicate:"));
  EXPECT_EQ(registered("g")->member_count, 3u);
}

TEST_F(Roster, MembersReadOrdersAndNobodyElse) {
  bootstrap();
  auto& outsider = connect_as(mallory);
  (void)request(outsider, "live", "{}");
  (void)order(alice, "rename", 2, {{"name", "secret name"}});
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[450]})"), 2u);
  EXPECT_EQ(events_for(outsider, R"({"kinds":[450],"#h":["g"]})"), 0u);
  EXPECT_THAT(count(outsider, R"({"kinds":[450]})"), HasSubstr("\"count\":0"));
  EXPECT_FALSE(has_seen(outsider, "secret name"));
  EXPECT_THAT(request(connect(), "q", R"({"kinds":[450]})").back(), HasSubstr("auth-required:"));
}

TEST_F(Roster, RefusedOrdersDoNotTellWhetherAGroupExists) {
  Config config{.group_creation = "admins"};
  config.founders_restricted = true;
  config.founders = {alice.key()};
  bootstrap(config);
  (void)publish(connect(), one_time, 445, {{"h", "open"}});
  auto& outsider = connect_as(mallory);
  const auto reason = [&](std::string_view group, std::string_view op) {
    TagList more = keys({&mallory});
    more.push_back({"name", "n"});
    const auto ok = publish(outsider, mallory, 450, order_tags(group, op, 1, more));
    return ok.substr(ok.find("false"));
  };
  for (const char* op :
       {"bootstrap", "add", "remove", "promote", "demote", "replace", "rename", "leave"}) {
    EXPECT_THAT(reason("g", op), HasSubstr("restricted:")) << op;
    EXPECT_EQ(reason("g", op), reason("none", op)) << op;
    EXPECT_EQ(reason("open", op), reason("none", op)) << op;
  }
}

TEST_F(Roster, InRosterModeInvitationsMakeNoMembers) {
  start_gateway({.membership = "roster"});
  const TagList invitation{{"p", carol.hex()}, {"h", "g"}};
  EXPECT_THAT(publish(connect_as(alice), one_time, 1059, invitation),
              HasSubstr("false,\"restricted:"));
  EXPECT_FALSE(may_write(alice)) << "nor does a first message found a gated group";
  ASSERT_THAT(order(alice, "bootstrap", 1, keys({&bob})), HasSubstr(",true,\"\""));
  EXPECT_THAT(publish(connect_as(mallory), one_time, 1059, invitation),
              HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect_as(bob), one_time, 1059, invitation), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(carol));
  EXPECT_EQ(events_for(connect_as(carol), R"({"kinds":[1059]})"), 1u);
}

TEST_F(Roster, InGiftwrapModeOrdersWorkAsWell) {
  start_gateway();
  found_group();
  EXPECT_THAT(order(alice, "remove", 1, keys({&bob})), HasSubstr(",true,\"\""));
  EXPECT_FALSE(may_write(bob));
}

}  // namespace
