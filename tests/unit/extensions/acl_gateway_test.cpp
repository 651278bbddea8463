// membership = "acl": the sidecar alone says who is a member, for every way to write and read.
#include "unit/extensions/gateway_fixture.h"
#include "unit/extensions/member_sidecar.h"

namespace {

using test::Client;
using testing::HasSubstr;

const std::string by_id = R"({"kinds":[445],"#h":["g"]})";

class AclGateway : public test::GatewayFixture {
 protected:
  /// Alice and Bob are members of "g", and Alice has written to it, which founds it.
  void SetUp() override {
    sidecar.admit("g", alice.hex(), "admin");
    sidecar.admit("g", bob.hex());
    start_gateway(config());
    ASSERT_THAT(write(connect_as(alice), "first"), HasSubstr(",true,\"\""));
  }
  [[nodiscard]] Config config() const {
    return {.membership = "acl", .acl_url = sidecar.url(), .group_cache_ttl = 1};
  }
  std::string write(Client& client, std::string_view text) {
    return publish(client, one_time, 445, {{"h", "g"}, {"k", "1"}}, text);
  }
  /// Until `reached`, at most 10 seconds.
  template <typename Condition>
  static bool eventually(Condition reached) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!reached()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }

  test::MemberSidecar sidecar{context_};
};

TEST_F(AclGateway, MembersReadAndWrite) {
  auto& member = connect_as(bob);
  EXPECT_THAT(write(member, "second"), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(member, by_id), 2u);
  EXPECT_EQ(events_for(connect_as(bob), R"({"kinds":[445]})"), 2u) << "asked page by page";
  EXPECT_THAT(count(connect_as(bob), R"({"kinds":[445]})"), HasSubstr("\"count\":2"));
}

TEST_F(AclGateway, OutsidersAreGivenNothing) {
  auto& outsider = connect_as(mallory);
  (void)request(outsider, "live", by_id + ",{}");
  EXPECT_THAT(write(outsider, "mine"), HasSubstr("false,\"restricted:"));
  EXPECT_THAT(write(connect(), "mine"), HasSubstr("false,\"auth-required:"));
  EXPECT_EQ(events_for(outsider, by_id), 0u);
  EXPECT_EQ(events_for(outsider, "{}"), 0u);
  EXPECT_THAT(count(outsider, by_id), HasSubstr("\"count\":0"));
  ASSERT_THAT(write(connect_as(bob), "for members"), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(outsider, by_id), 0u);
  EXPECT_FALSE(has_seen(outsider, "for members"));
}

TEST_F(AclGateway, OutsidersFoundNoGroup) {
  EXPECT_THAT(publish(connect_as(mallory), one_time, 445, {{"h", "new"}, {"k", "1"}}),
              HasSubstr("false,\"restricted:"));
  EXPECT_FALSE(registered("new"));
}

TEST_F(AclGateway, WithoutAnAnswerEverythingIsDenied) {
  sidecar.break_down();
  auto& client = connect_as(carol);
  sidecar.admit("g", carol.hex());
  EXPECT_THAT(write(client, "unheard"), HasSubstr("false,\"restricted:"));
  EXPECT_EQ(events_for(client, by_id), 0u);
  EXPECT_EQ(events_for(client, "{}"), 0u);
}

TEST_F(AclGateway, InvitationsMakeNoMembers) {
  EXPECT_THAT(publish(connect_as(bob), one_time, 1059, {{"p", carol.hex()}, {"h", "g"}}),
              HasSubstr(",true,\"\""));
  EXPECT_THAT(write(connect_as(carol), "invited"), HasSubstr("false,\"restricted:"));
  EXPECT_EQ(events_for(connect_as(carol), by_id), 0u);
}

TEST_F(AclGateway, RosterEventsAreRefusedEvenToFound) {
  for (const char* group : {"g", "new"}) {
    EXPECT_THAT(publish(connect_as(alice), alice, 450,
                        {{"h", group}, {"op", "bootstrap"}, {"seq", "1"}, {"p", carol.hex()}}),
                HasSubstr("false,\"restricted: membership is kept elsewhere"));
  }
  EXPECT_FALSE(registered("new"));
}

TEST_F(AclGateway, ARemovalTakesEffectWhenWhatWasKnownEnds) {
  auto& removed = connect_as(bob);
  (void)request(removed, "live", by_id);
  ASSERT_EQ(events_for(removed, by_id), 1u);
  sidecar.remove("g", bob.hex());
  EXPECT_TRUE(eventually([&] { return events_for(removed, by_id) == 0; }));
  ASSERT_THAT(write(connect_as(alice), "after the removal"), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(removed, by_id), 0u);
  EXPECT_FALSE(has_seen(removed, "after the removal"));
  EXPECT_THAT(write(removed, "mine"), HasSubstr("false,\"restricted:"));
}

TEST_F(AclGateway, ABroadSubscriptionGetsAMessageOnceTheAnswerIsThere) {
  sidecar.admit("g", carol.hex());
  auto& member = connect_as(carol);
  auto& outsider = connect_as(mallory);
  for (auto* client : {&member, &outsider}) {
    // Nothing stored is met, so nobody has asked about these two yet.
    (void)request(*client, "live", fmt::format(R"({{"kinds":[445],"since":{}}})", now + 1));
  }
  const auto asked = sidecar.requests;
  now_ = now + 1;
  ASSERT_THAT(write(connect_as(alice), "late but here"), HasSubstr(",true,\"\""));
  EXPECT_FALSE(has_seen(member, "late but here")) << "nothing is shown before the answer";
  EXPECT_THAT(await(member, "late but here"), HasSubstr("\"live\""));
  EXPECT_TRUE(eventually([&] {
    (void)request(outsider, "round trip", R"({"limit":0})");
    return sidecar.requests >= asked + 2;
  }));
  EXPECT_EQ(events_for(outsider, R"({"kinds":[445]})"), 0u);
  EXPECT_FALSE(has_seen(outsider, "late but here"));
}

class UnreachableSidecar : public test::GatewayFixture {};

TEST_F(UnreachableSidecar, LetsNobodyIn) {
  std::string url;
  {
    boost::asio::io_context elsewhere;
    url = test::MemberSidecar(elsewhere).url();
  }
  start_gateway({.membership = "acl", .acl_url = url});
  EXPECT_THAT(publish(connect_as(alice), one_time, 445, {{"h", "g"}, {"k", "1"}}),
              HasSubstr("false,\"restricted:"));
  EXPECT_FALSE(registered("g"));
}

}  // namespace
