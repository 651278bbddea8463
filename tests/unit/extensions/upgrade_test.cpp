// From capability to gated: by the recorded founder alone, for old messages too, for good.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::Signer;
using test::TagList;
using testing::HasSubstr;

const std::string by_id = R"({"kinds":[445],"#h":["g"]})";

class Upgrade : public test::GatewayFixture {
 protected:
  /// Alice is authenticated when a bare message founds "g"; nobody is when one founds "nobody's".
  void SetUp() override {
    start_gateway();
    ASSERT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "old"),
                HasSubstr(",true,\"\""));
    ASSERT_THAT(publish(connect(), one_time, 445, {{"h", "nobody's"}}), HasSubstr(",true,\"\""));
  }
  std::string bootstrap(const Signer& author, const std::string& group = "g") {
    return publish(connect_as(author), author, 450,
                   {{"h", group}, {"op", "bootstrap"}, {"seq", "1"}, {"p", bob.hex()}});
  }
};

TEST_F(Upgrade, IsForTheRecordedFounderOnly) {
  EXPECT_THAT(bootstrap(mallory), HasSubstr("false,\"restricted:"));
  EXPECT_EQ(events_for(connect(), by_id), 1u);
  EXPECT_THAT(bootstrap(alice), HasSubstr(",true,\"\""));
  EXPECT_EQ(registered("g")->mode, extensions::mls_gateway::GroupMode::gated);
  EXPECT_THAT(bootstrap(mallory), HasSubstr("false,\"restricted:"));
}

TEST_F(Upgrade, IsForNobodyWhereTheFounderWasAnonymous) {
  for (const Signer* signer : {&alice, &one_time})
    EXPECT_THAT(bootstrap(*signer, "nobody's"), HasSubstr("false,\"restricted:"));
}

TEST_F(Upgrade, OtherOrdersDoNotTouchACapabilityGroup) {
  for (const char* op : {"add", "promote", "replace"}) {
    EXPECT_THAT(publish(connect_as(alice), alice, 450,
                        {{"h", "g"}, {"op", op}, {"seq", "1"}, {"p", alice.hex()}}),
                HasSubstr("false,\"restricted:"));
  }
}

TEST_F(Upgrade, OldMessagesAreForMembersAfterwards) {
  auto& outsider = connect_as(mallory);
  ASSERT_EQ(events_for(outsider, by_id), 1u);
  ASSERT_THAT(count(outsider, by_id), HasSubstr("\"count\":1"));
  ASSERT_THAT(bootstrap(alice), HasSubstr(",true,"));
  EXPECT_EQ(events_for(outsider, by_id), 0u);
  EXPECT_THAT(count(outsider, by_id), HasSubstr("\"count\":0"));
  EXPECT_THAT(request(connect(), "q", by_id).back(), HasSubstr("auth-required:"));
  EXPECT_EQ(events_for(connect_as(bob), by_id), 1u);
  EXPECT_EQ(events_for(connect_as(bob), "{\"kinds\":[445]}"), 1u) << "as in any gated group";
}

TEST_F(Upgrade, OpenSubscriptionsOfOutsidersEnd) {
  auto& anonymous = connect();
  auto& outsider = connect_as(mallory);
  auto& member = connect_as(bob);
  for (auto* client : {&anonymous, &outsider, &member}) (void)request(*client, "live", by_id);
  ASSERT_THAT(bootstrap(alice), HasSubstr(",true,"));
  (void)publish(connect_as(bob), one_time, 445, {{"h", "g"}}, "new");
  EXPECT_TRUE(has_seen(member, "\"new\""));
  EXPECT_FALSE(has_seen(outsider, "\"new\""));
  EXPECT_FALSE(has_seen(anonymous, "\"new\""));
}

TEST_F(Upgrade, OutsidersWriteNothingAfterwards) {
  ASSERT_THAT(bootstrap(alice), HasSubstr(",true,"));
  EXPECT_THAT(publish(connect(), one_time, 445, {{"h", "g"}}, "1"),
              HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(mallory), one_time, 445, {{"h", "g"}}, "2"),
              HasSubstr("false,\"restricted:"));
}

TEST_F(Upgrade, HoldsAfterARestart) {
  ASSERT_THAT(bootstrap(alice), HasSubstr(",true,"));
  restart(gateway({}, log_));
  EXPECT_EQ(events_for(connect_as(mallory), by_id), 0u);
  EXPECT_EQ(events_for(connect_as(bob), by_id), 1u);
  EXPECT_EQ(events_for(connect(), R"({"kinds":[445],"#h":["g","nobody's"]})"), 1u)
      << "other capability groups stay as they were";
}

}  // namespace
