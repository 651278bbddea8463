// The roads of EVENT, REQ and AUTH through one worker, the writer and the memory store.
#include <fmt/format.h>

#include "unit/relay/relay_fixture.h"

namespace {

using relay::Session;
using test::Client;
using test::RelayFixture;
using test::Signer;

class Worker : public RelayFixture {
 protected:
  const Signer alice{1}, bob{2};

  std::string note(const Signer& author, std::string_view text, base::UnixSeconds at = now) {
    return author.sign(1, {}, text, at);
  }
};

TEST_F(Worker, GreetsWithAChallenge) {
  start();
  EXPECT_TRUE(await(connect(), "").starts_with("[\"AUTH\",\""));
}

TEST_F(Worker, GreetsWithNothingWhereAuthIsOff) {
  options_.offer_auth = false;
  start();
  auto& client = connect();
  EXPECT_TRUE(client.received().empty());
  (void)send(client, "[\"AUTH\"," + alice.sign(22242, {}, "", now) + "]");
  EXPECT_TRUE(await(client, "OK").contains("false,\"restricted: authentication is switched off"));
}

TEST_F(Worker, AnswersAnEventAfterItsCommitAndDeliversItToSubscribers) {
  start();
  auto& reader = connect();
  EXPECT_EQ(request(reader, "live", R"({"kinds":[1]})").back(), R"(["EOSE","live"])");
  auto& writer = connect();
  EXPECT_TRUE(publish(writer, note(alice, "hello")).contains(",true,\"\"]"));
  EXPECT_TRUE(await(reader, "hello").starts_with(R"(["EVENT","live",{)"));
}

TEST_F(Worker, AnswersADuplicateWithTrueAndDeliversItOnce) {
  start();
  auto& client = connect();
  (void)request(client, "live", "{}");
  const std::string event = note(alice, "once");
  (void)publish(client, event);
  EXPECT_TRUE(publish(client, event).contains(",true,\"duplicate:"));
  (void)request(client, "end", "{\"limit\":0}");
  EXPECT_EQ(std::ranges::count_if(client.all,
                                  [](const auto& text) { return text.starts_with("[\"EVENT\""); }),
            1);
}

TEST_F(Worker, RefusesAForgedIdAndAForgedSignature) {
  start();
  auto& client = connect();
  std::string event = note(alice, "genuine");
  event.replace(event.find("genuine"), 7, "changed");
  EXPECT_TRUE(publish(client, event).contains("false,\"invalid: id"));
  event = note(alice, "genuine");
  event[event.size() - 4] = event[event.size() - 4] == '0' ? '1' : '0';
  EXPECT_TRUE(publish(client, event).contains("false,\"invalid: the signature"));
}

TEST_F(Worker, RefusesWhatIsExpiredOrFarAhead) {
  start();
  auto& client = connect();
  EXPECT_TRUE(publish(client, alice.sign(1, {{"expiration", std::to_string(now)}}, "", now))
                  .contains("has expired"));
  EXPECT_TRUE(publish(client, note(alice, "", now + 901)).contains("ahead of now"));
}

TEST_F(Worker, TakesNoAuthEventAsAnEvent) {
  start();
  EXPECT_TRUE(publish(connect(), alice.sign(22242, {}, "", now)).contains("false,\"invalid:"));
}

TEST_F(Worker, TakesAProtectedEventFromItsAuthorOnly) {
  start();
  const std::string event = alice.sign(1, {{"-"}}, "mine", now);
  auto& client = connect();
  EXPECT_TRUE(publish(client, event).contains("false,\"auth-required:"));
  EXPECT_TRUE(authenticate(client, bob).contains(",true,"));
  EXPECT_TRUE(publish(client, event).contains("false,\"restricted:"));
  EXPECT_TRUE(authenticate(client, alice).contains(",true,"));
  EXPECT_TRUE(publish(client, event).contains(",true,"));
}

TEST_F(Worker, RefusesARepostOfAProtectedEvent) {
  start();
  auto& client = connect();
  const std::string inner = alice.sign(1, {{"-"}}, "mine", now);
  EXPECT_TRUE(publish(client, bob.sign(6, {}, inner, now)).contains("false,\"restricted:"));
  EXPECT_TRUE(publish(client, bob.sign(6, {}, "about [\"-\"]", now)).contains(",true,"));
}

TEST_F(Worker, AFailedProofTakesNoKeyAway) {
  start();
  auto& client = connect();
  EXPECT_TRUE(authenticate(client, alice).contains(",true,"));
  EXPECT_TRUE(authenticate(client, bob, "ws://elsewhere.test").contains("ws://relay.test"));
  EXPECT_TRUE(publish(client, alice.sign(1, {{"-"}}, "", now)).contains(",true,"));
}

TEST_F(Worker, CutsAtTheLimitOfEachFilterNewestFirstEachEventOnce) {
  start();
  auto& client = connect();
  for (int i = 0; i < 6; ++i)
    (void)publish(client, note(i % 2 ? bob : alice, fmt::format("note {}", i), now - i));
  const auto answer = request(
      client, "q", fmt::format(R"({{"limit":2}},{{"authors":["{}"],"limit":2}})", bob.hex()));
  ASSERT_EQ(answer.size(), 4u);
  EXPECT_TRUE(answer[0].contains("note 0"));
  EXPECT_TRUE(answer[1].contains("note 1"));
  EXPECT_TRUE(answer[2].contains("note 3"));
}

TEST_F(Worker, ReadsOnOverManyPages) {
  options_.limits.query_page_events = 3;
  start();
  auto& client = connect();
  for (int i = 0; i < 20; ++i)
    (void)publish(client, note(alice, fmt::format("note {}", i), now - i));
  EXPECT_EQ(request(client, "q", "{}").size(), 21u);
}

TEST_F(Worker, WaitsForASlowReaderBetweenPages) {
  options_.limits.query_page_events = 2;
  options_.limits.send_queue_high_water_bytes = 1000;
  start();
  auto& client = connect();
  for (int i = 0; i < 20; ++i) (void)publish(client, note(alice, std::string(300, 'x'), now - i));
  (void)client.received();
  (void)send(client, R"(["REQ","q",{}])");
  for (int i = 0; i < 100; ++i) context_.poll(), context_.restart();
  EXPECT_LT(client.session->outgoing().bytes(), 4000u);
  EXPECT_FALSE(await(client, "EOSE").empty());
}

TEST_F(Worker, LosesAndRepeatsNothingBetweenStoredAndLive) {
  options_.limits.query_page_events = 2;
  start();
  auto& writer = connect();
  for (int i = 0; i < 10; ++i)
    (void)publish(writer, note(alice, fmt::format("old {}", i), now - 100 - i));
  auto& reader = connect();
  (void)reader.received();
  (void)send(reader, R"(["REQ","q",{}])");
  for (int i = 0; i < 10; ++i)
    (void)publish(writer, note(alice, fmt::format("new {}", i), now - i));
  ASSERT_FALSE(await(reader, "new 9").empty());
  EXPECT_EQ(std::ranges::count_if(reader.all,
                                  [](const auto& text) { return text.starts_with("[\"EVENT\""); }),
            20);
}

TEST_F(Worker, AReusedIdReplacesTheSubscription) {
  start();
  auto& client = connect();
  (void)request(client, "s", R"({"kinds":[1]})");
  (void)request(client, "s", R"({"kinds":[2]})");
  (void)publish(client, note(alice, "unwanted"));
  (void)publish(client, alice.sign(2, {}, "wanted", now));
  ASSERT_FALSE(await(client, "wanted\"").empty());
  EXPECT_FALSE(
      std::ranges::any_of(client.all, [](const auto& text) { return text.contains("unwanted"); }));
}

TEST_F(Worker, ClosedSubscriptionsReceiveNothing) {
  start();
  auto& client = connect();
  (void)request(client, "s", "{}");
  (void)send(client, R"(["CLOSE","s"])");
  (void)publish(client, note(alice, "late"));
  (void)request(client, "end", R"({"limit":0,"kinds":[7]})");
  EXPECT_FALSE(
      std::ranges::any_of(client.all, [](const auto& text) { return text.contains("late"); }));
}

TEST_F(Worker, RefusesSubscriptionsAboveTheLimitWithClosed) {
  options_.limits.max_subscriptions = 2;
  start();
  auto& client = connect();
  (void)request(client, "a", "{}");
  (void)request(client, "b", "{}");
  EXPECT_TRUE(request(client, "c", "{}").back().starts_with(R"(["CLOSED","c","blocked:)"));
  EXPECT_TRUE(request(client, "a", "{}").back().starts_with(R"(["EOSE","a")"));
}

TEST_F(Worker, RefusesMoreFilterValuesThanAConnectionMayKeepOpen) {
  options_.limits.max_open_filter_values = 3;
  start();
  auto& client = connect();
  EXPECT_TRUE(request(client, "a", R"({"kinds":[1,2]})").back().starts_with(R"(["EOSE","a")"));
  EXPECT_TRUE(
      request(client, "b", R"({"kinds":[1,2]})").back().starts_with(R"(["CLOSED","b","blocked:)"));
  EXPECT_TRUE(request(client, "a", R"({"kinds":[1,2,3]})").back().starts_with(R"(["EOSE","a")"));
}

TEST_F(Worker, DeliversEphemeralEventsAndStoresThemNot) {
  start();
  auto& client = connect();
  (void)request(client, "live", R"({"kinds":[20001]})");
  EXPECT_TRUE(publish(client, alice.sign(20001, {}, "now or never", now)).contains(",true,"));
  EXPECT_FALSE(await(client, "now or never").empty());
  EXPECT_EQ(request(client, "stored", R"({"kinds":[20001]})").size(), 1u);
}

TEST_F(Worker, AnswersMalformedMessagesAsNip01Wants) {
  start();
  auto& client = connect();
  (void)send(client, "{}");
  EXPECT_TRUE(await(client, "NOTICE").contains("invalid:"));
  (void)send(client, R"(["EVENT",{"id":"abc"}])");
  EXPECT_TRUE(await(client, "[\"OK\",\"abc\",false").contains("invalid:"));
  (void)send(client, R"(["REQ","r",{"ids":["XY"]}])");
  EXPECT_TRUE(await(client, "[\"CLOSED\",\"r\"").contains("invalid:"));
}

}  // namespace
