// COUNT (NIP-45): what this viewer may read, each event once, without `limit`.
#include <fmt/format.h>

#include "nostr/hyperloglog.h"
#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using relay::Verdict;
using test::Client;

class Count : public test::ScriptedFixture {
 protected:
  /// Alice's notes, of one second each, the newest now.
  void publish_notes(Client& client, int notes) {
    for (int i = 0; i < notes; ++i)
      (void)publish(client, alice.sign(1, {}, fmt::format("note {}", i), now - i));
  }
};

TEST_F(Count, CountsTheUnionOfItsFiltersOnce) {
  start();
  auto& client = connect();
  publish_notes(client, 3);
  (void)publish(client, bob.sign(7, {}, "+", now));
  EXPECT_EQ(count(client, R"({"kinds":[1]},{"authors":[")" + alice.hex() + R"("]},{"kinds":[7]})"),
            R"(["COUNT","n",{"count":4}])");
  EXPECT_EQ(count(client, R"({"kinds":[8]})"), R"(["COUNT","n",{"count":0}])");
}

TEST_F(Count, IgnoresTheLimitOfAFilter) {
  start();
  auto& client = connect();
  publish_notes(client, 3);
  EXPECT_EQ(count(client, R"({"limit":1})"), R"(["COUNT","n",{"count":3}])");
  EXPECT_EQ(count(client, R"({"limit":0})"), R"(["COUNT","n",{"count":3}])");
}

TEST_F(Count, IsNotBoundByTheLimitsOfARequest) {
  options_.limits.default_limit = 1;
  options_.limits.max_limit = 1;
  options_.limits.query_page_events = 2;
  start();
  auto& client = connect();
  publish_notes(client, 5);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":5}])");
}

TEST_F(Count, CountsNothingThatMayNotBeRead) {
  add(Phase::may_read)->may_read = [key = alice.key()](const auto& stored, const auto& viewer) {
    return viewer.proves(key) || stored.event->pubkey != key;
  };
  start_all();
  auto& client = connect();
  publish_notes(client, 3);
  (void)publish(client, bob.sign(1, {}, "", now));
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":1}])");
  (void)authenticate(client, alice);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":4}])");
}

TEST_F(Count, HiddenEventsDoNotUseUpTheBound) {
  options_.limits.max_count = 2;
  add(Phase::may_read)->may_read = [key = bob.key()](const auto& stored, const auto&) {
    return stored.event->pubkey == key;
  };
  start_all();
  auto& client = connect();
  publish_notes(client, 5);
  (void)publish(client, bob.sign(1, {}, "1", now - 10));
  (void)publish(client, bob.sign(1, {}, "2", now - 11));
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":2}])");
}

TEST_F(Count, IsApproximateAboveItsBoundAndExactAtIt) {
  options_.limits.max_count = 3;
  start();
  auto& client = connect();
  publish_notes(client, 3);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":3}])");
  (void)publish(client, bob.sign(7, {}, "", now));
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":3,"approximate":true}])");
  EXPECT_EQ(count(client, R"({"kinds":[1]},{"kinds":[7]})"), R"(["COUNT","n",{"count":4}])");
}

TEST_F(Count, SketchesTheAuthorsOfWhatItCounted) {
  add(Phase::may_read)->may_read = [](const auto& stored, const auto&) {
    return stored.event->kind != 7;
  };
  start_all();
  auto& client = connect();
  const std::string filter = R"({"#t":["bitcoin"]})";
  nostr::HyperLogLog authors(12);
  EXPECT_EQ(count(client, filter),
            fmt::format(R"(["COUNT","n",{{"count":0,"hll":"{}"}}])", authors.hex()));
  (void)publish(client, alice.sign(1, {{"t", "bitcoin"}}, "1", now));
  (void)publish(client, alice.sign(1, {{"t", "bitcoin"}}, "2", now));
  (void)publish(client, bob.sign(7, {{"t", "bitcoin"}}, "hidden", now));
  authors.add(alice.key());
  EXPECT_EQ(count(client, filter),
            fmt::format(R"(["COUNT","n",{{"count":2,"hll":"{}"}}])", authors.hex()))
      << "of those that may be read";
}

TEST_F(Count, SketchesNothingOfAPartNorOfOtherRequests) {
  options_.limits.max_count = 2;
  start();
  auto& client = connect();
  for (const auto* text : {"1", "2"}) (void)publish(client, alice.sign(1, {{"t", "x"}}, text, now));
  EXPECT_THAT(count(client, R"({"#t":["x"]})"), testing::HasSubstr("\"hll\":\""));
  for (const auto* filters :
       {R"({"kinds":[1]})", R"({"#t":["x","y"]})", R"({"#t":["x"]},{"#t":["x"]})"})
    EXPECT_EQ(count(client, filters), R"(["COUNT","n",{"count":2}])") << filters;
  (void)publish(client, alice.sign(1, {{"t", "x"}}, "3", now));
  EXPECT_EQ(count(client, R"({"#t":["x"]})"), R"(["COUNT","n",{"count":2,"approximate":true}])");
}

TEST_F(Count, LeavesOutWhatHasExpired) {
  start();
  auto& client = connect();
  (void)publish(client, alice.sign(1, {{"expiration", std::to_string(now + 10)}}, "", now));
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":1}])");
  now_ = now + 10;
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":0}])");
}

TEST_F(Count, DeniedCountsAreClosedWithTheReason) {
  add(Phase::check_req)->check_req = [](const auto& context) {
    return context.viewer.anonymous() ? Verdict::deny("auth-required: who are you?")
                                      : Verdict::pass();
  };
  start_all();
  auto& client = connect();
  EXPECT_EQ(count(client, "{}"), R"(["CLOSED","n","auth-required: who are you?"])");
  (void)authenticate(client, alice);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":0}])");
}

TEST_F(Count, ADecisionThatTakesTooLongClosesIt) {
  options_.limits.authorize_timeout_ms = 1;
  add(Phase::authorize_req)->never_decide = true;
  start_all();
  auto& client = connect();
  EXPECT_TRUE(count(client, "{}").starts_with(R"(["CLOSED","n","error: could not be decided)"));
  EXPECT_TRUE(client.resumed) << "what comes behind it is read on";
}

TEST_F(Count, LeavesASubscriptionOfTheSameIdOpen) {
  start();
  auto& client = connect();
  (void)request(client, "n", "{}");
  (void)send(client, R"(["COUNT","n",{}])");
  EXPECT_EQ(await(client, "[\"COUNT\""), R"(["COUNT","n",{"count":0}])");
  (void)publish(client, alice.sign(1, {}, "still delivered", now));
  EXPECT_TRUE(has_seen(client, R"(["EVENT","n",{)"));
}

TEST_F(Count, MessagesBehindItWaitForItsAnswer) {
  start();
  auto& client = connect();
  EXPECT_EQ(send(client, R"(["COUNT","n",{}])"), relay::Session::Flow::wait);
  EXPECT_FALSE(await(client, "COUNT").empty());
  EXPECT_TRUE(client.resumed);
}

TEST_F(Count, MalformedCountsAreClosed) {
  start();
  auto& client = connect();
  EXPECT_TRUE(count(client, R"({"ids":["XY"]})").starts_with(R"(["CLOSED","n","invalid:)"));
}

}  // namespace
