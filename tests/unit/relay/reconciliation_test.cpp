// NIP-77: who may reconcile what, and how that ends.
#include "relay/reconciliation.h"

#include <fmt/format.h>

#include "unit/relay/scripted_extension.h"

namespace {

namespace negentropy = nostr::negentropy;
using relay::Phase;
using relay::Verdict;
using test::Client;
using testing::IsEmpty;
using testing::SizeIs;

class Reconcile : public test::ScriptedFixture {
 protected:
  /// What an initiator without events says first.
  static std::string nothing() {
    const auto first = negentropy::initiate(negentropy::Items());
    return base::to_hex(std::span<const std::uint8_t>(first));
  }

  /// NEG-OPEN and its answer: NEG-MSG or NEG-ERR.
  std::string open(Client& client, const std::string& filter, const std::string& id = "n") {
    (void)send(client, R"(["NEG-OPEN",")" + id + "\"," + filter + ",\"" + nothing() + "\"]");
    return await(client, "[\"NEG-");
  }
  std::string go_on(Client& client, const std::string& id = "n") {
    (void)send(client, R"(["NEG-MSG",")" + id + "\",\"" + nothing() + "\"]");
    return await(client, "[\"NEG-");
  }

  /// The ids that an answer to nothing() names.
  static std::set<nostr::EventId> named(const std::string& answer) {
    const std::string head = R"(["NEG-MSG","n",")";
    EXPECT_TRUE(answer.starts_with(head)) << answer;
    if (!answer.starts_with(head)) return {};
    const auto hex = std::string_view(answer).substr(head.size(), answer.size() - head.size() - 2);
    std::vector<std::uint8_t> bytes(hex.size() / 2);
    EXPECT_TRUE(base::decode_hex(hex, bytes)) << answer;
    negentropy::Difference difference;
    EXPECT_TRUE(negentropy::resume(negentropy::Items(), bytes, 1 << 20, difference).has_value());
    return {difference.need.begin(), difference.need.end()};
  }

  void publish_notes(Client& client, const test::Signer& author, int notes) {
    for (int i = 0; i < notes; ++i)
      (void)publish(client, author.sign(1, {}, fmt::format("note {}", i), now - i));
  }
};

TEST_F(Reconcile, NamesWhatMatches) {
  start();
  auto& client = connect();
  publish_notes(client, alice, 3);
  publish_notes(client, bob, 2);
  EXPECT_THAT(named(open(client, "{}")), SizeIs(5));
  EXPECT_THAT(named(open(client, R"({"authors":[")" + alice.hex() + "\"]}")), SizeIs(3));
  EXPECT_THAT(named(open(client, R"({"kinds":[7]})")), IsEmpty());
  EXPECT_THAT(named(open(client, R"({"limit":2})")), SizeIs(2));
}

TEST_F(Reconcile, NamesNothingThatMayNotBeRead) {
  add(Phase::may_read)->may_read = [key = alice.key()](const auto& stored, const auto& viewer) {
    return viewer.proves(key) || stored.event->pubkey != key;
  };
  start_all();
  auto& client = connect();
  publish_notes(client, alice, 3);
  publish_notes(client, bob, 1);
  EXPECT_THAT(named(open(client, "{}")), SizeIs(1));
  (void)authenticate(client, alice);
  EXPECT_THAT(named(open(client, "{}")), SizeIs(4));
}

TEST_F(Reconcile, HiddenEventsDoNotUseUpTheBoundOrTheLimit) {
  options_.limits.max_sync_events = 2;
  add(Phase::may_read)->may_read = [key = bob.key()](const auto& stored, const auto&) {
    return stored.event->pubkey == key;
  };
  start_all();
  auto& client = connect();
  publish_notes(client, alice, 5);
  (void)publish(client, bob.sign(1, {}, "1", now - 10));
  (void)publish(client, bob.sign(1, {}, "2", now - 11));
  EXPECT_THAT(named(open(client, "{}")), SizeIs(2));
  EXPECT_THAT(named(open(client, R"({"limit":1})")), SizeIs(1));
}

TEST_F(Reconcile, MoreEventsThanTheBoundAreRefusedWithIt) {
  options_.limits.max_sync_events = 3;
  start();
  auto& client = connect();
  publish_notes(client, alice, 4);
  const std::string refusal = open(client, "{}");
  EXPECT_TRUE(refusal.starts_with(R"(["NEG-ERR","n","blocked: more than 3 events match)"))
      << refusal;
  EXPECT_TRUE(refusal.ends_with(",3]")) << refusal;
  EXPECT_TRUE(go_on(client).starts_with(R"(["NEG-ERR","n","closed: )")) << "it is not open";
  EXPECT_THAT(named(open(client, R"({"limit":3})")), SizeIs(3));
}

TEST_F(Reconcile, TheBoundIsThatOfAllThatAreOpenOnTheConnection) {
  options_.limits.max_sync_events = 5;
  start();
  auto& client = connect();
  publish_notes(client, alice, 3);
  EXPECT_TRUE(open(client, "{}", "one").starts_with("[\"NEG-MSG\""));
  EXPECT_TRUE(open(client, "{}", "two").contains("blocked: more than 2 events match"));
  EXPECT_THAT(named(open(connect(), "{}")), SizeIs(3)) << "of that connection alone";
  (void)send(client, R"(["NEG-CLOSE","one"])");
  EXPECT_TRUE(open(client, "{}", "two").starts_with("[\"NEG-MSG\""));
}

TEST_F(Reconcile, AWorkerKeepsAsMuchAsEightGreedyConnections) {
  options_.limits.max_sync_events = 3;
  start();
  publish_notes(connect(), alice, 3);
  std::vector<Client*> greedy;
  for (int i = 0; i < 8; ++i)
    EXPECT_THAT(named(open(*greedy.emplace_back(&connect()), "{}")), SizeIs(3));
  auto& late = connect();
  EXPECT_TRUE(open(late, "{}").contains("blocked: too many are reconciled right now"));
  greedy.front()->session->on_closed();
  clients_.erase(clients_.begin() + 1);
  EXPECT_THAT(named(open(late, "{}")), SizeIs(3));
}

TEST_F(Reconcile, SoManyAreOpenOnOneConnectionAtMost) {
  options_.limits.max_reconciliations = 2;
  start();
  auto& client = connect();
  EXPECT_TRUE(open(client, "{}", "1").starts_with("[\"NEG-MSG\""));
  EXPECT_TRUE(open(client, "{}", "2").starts_with("[\"NEG-MSG\""));
  EXPECT_TRUE(open(client, "{}", "3").contains("blocked: 2 reconciliations are open"));
  EXPECT_TRUE(open(client, "{}", "2").starts_with("[\"NEG-MSG\"")) << "the same again";
}

TEST_F(Reconcile, OpenedAgainItIsReadAgain) {
  start();
  auto& client = connect();
  publish_notes(client, alice, 1);
  EXPECT_THAT(named(open(client, "{}")), SizeIs(1));
  publish_notes(client, bob, 1);
  EXPECT_THAT(named(go_on(client)), SizeIs(1));
  EXPECT_THAT(named(open(client, "{}")), SizeIs(2));
}

TEST_F(Reconcile, TheSameIdIsFreeForASubscription) {
  start();
  auto& client = connect();
  (void)open(client, "{}");
  (void)request(client, "n", "{}");
  (void)send(client, R"(["CLOSE","n"])");
  EXPECT_THAT(named(go_on(client)), IsEmpty()) << "it is open still";
}

TEST_F(Reconcile, DeniedOnesEndWithTheReason) {
  add(Phase::check_req)->check_req = [](const auto& context) {
    return context.viewer.anonymous() ? Verdict::deny("auth-required: who are you?")
                                      : Verdict::pass();
  };
  start_all();
  auto& client = connect();
  EXPECT_EQ(open(client, "{}"), R"(["NEG-ERR","n","auth-required: who are you?"])");
  (void)authenticate(client, alice);
  EXPECT_THAT(named(open(client, "{}")), IsEmpty());
}

TEST_F(Reconcile, ADecisionThatTakesTooLongEndsIt) {
  options_.limits.authorize_timeout_ms = 1;
  add(Phase::authorize_req)->never_decide = true;
  start_all();
  auto& client = connect();
  EXPECT_TRUE(open(client, "{}").starts_with(R"(["NEG-ERR","n","error: could not be decided)"));
  EXPECT_TRUE(client.resumed) << "what comes behind it is read on";
}

TEST_F(Reconcile, MalformedMessagesEndThemWithTheReason) {
  start();
  auto& client = connect();
  for (const std::string message :
       {R"(["NEG-OPEN","n",{},"xy"])", R"(["NEG-OPEN","n",{},"6"])", R"(["NEG-OPEN","n",{}])",
        R"(["NEG-OPEN","n"])", R"(["NEG-OPEN","n",7,"61"])",
        R"(["NEG-OPEN","n",{"ids":["XY"]},"61"])", R"(["NEG-OPEN","n",{},""])",
        R"(["NEG-OPEN","n",{},"61FF"])", R"(["NEG-MSG","n","zz"])", R"(["NEG-MSG","n",61])",
        R"(["NEG-MSG","n"])", R"(["NEG-MSG","n","610003"])"}) {
    (void)open(client, "{}");
    (void)send(client, message);
    EXPECT_TRUE(await(client, "[\"NEG-").starts_with(R"(["NEG-ERR","n","invalid: )")) << message;
    EXPECT_TRUE(go_on(client).starts_with(R"(["NEG-ERR","n","closed: )")) << message;
  }
  EXPECT_FALSE(has_seen(client, "NOTICE"));
}

TEST_F(Reconcile, AnotherVersionIsAnsweredWithOurs) {
  start();
  auto& client = connect();
  (void)send(client, R"(["NEG-OPEN","n",{},"62aa"])");
  EXPECT_EQ(await(client, "[\"NEG-"), R"(["NEG-MSG","n","61"])");
  EXPECT_THAT(named(go_on(client)), IsEmpty()) << "the client goes on in version 1";
}

TEST_F(Reconcile, ASilentClientsEndsInTime) {
  options_.limits.neg_idle_timeout_s = 0;
  start();
  auto& client = connect();
  (void)open(client, "{}");
  EXPECT_EQ(await(client, "NEG-ERR"),
            R"(["NEG-ERR","n","closed: you said nothing for 0 seconds; open it again"])");
}

TEST_F(Reconcile, ABusyClientsEndsInTimeToo) {
  options_.limits.neg_max_age_s = 0;
  start();
  auto& client = connect();
  (void)open(client, "{}");
  EXPECT_TRUE(await(client, "NEG-ERR").contains("closed: 0 seconds are the most it may take"));
}

TEST_F(Reconcile, ACommitThatMayTakeSomethingAwayEndsItBeforeItsOk) {
  auto extension = add(Phase::may_read | Phase::stage_write | Phase::on_commit);
  extension->narrows = [key = alice.key()](const auto& viewer) { return viewer.proves(key); };
  start_all();
  auto& hers = connect();
  auto& his = connect();
  (void)authenticate(hers, alice);
  (void)authenticate(his, bob);
  (void)open(hers, "{}");
  (void)open(his, "{}");
  (void)publish(his, bob.sign(1, {}, "changes rows", now));
  EXPECT_TRUE(has_seen(hers, R"(["NEG-ERR","n","closed: what you may read has changed)"));
  EXPECT_TRUE(go_on(hers).contains("NEG-ERR"));
  EXPECT_TRUE(go_on(his).contains("NEG-MSG"));
}

TEST_F(Reconcile, ACommitWhileItIsReadEndsItToo) {
  auto extension = add(Phase::prepare | Phase::may_read | Phase::stage_write | Phase::on_commit);
  start_all();
  auto& client = connect();
  publish_notes(client, alice, 3);
  boost::asio::steady_timer until_told(context_, boost::asio::steady_timer::time_point::max());
  extension->prepares_after = &until_told;
  extension->undecided = [](const auto&) { return true; };
  (void)send(client, R"(["NEG-OPEN","n",{},")" + nothing() + "\"]");
  (void)publish(connect(), bob.sign(7, {}, "changes rows", now));
  EXPECT_TRUE(has_seen(client, R"(["NEG-ERR","n","closed: what you may read has changed)"));
  until_told.cancel();
  extension->prepares_after = nullptr;
  EXPECT_THAT(request(client, "behind it", R"({"kinds":[8]})"), SizeIs(1));
  EXPECT_FALSE(has_seen(client, "NEG-MSG"));
}

TEST_F(Reconcile, OthersAreServedWhileItIsRead) {
  options_.limits.send_queue_high_water_bytes = 1;
  auto extension = add(Phase::may_read);
  int shown = 0;
  extension->may_read = [&](const auto&, const auto&) { return ++shown > 0; };
  start_all();
  auto& client = connect();
  publish_notes(client, alice, 300);
  auto& other = connect();
  (void)send(client, R"(["NEG-OPEN","n",{"kinds":[1]},")" + nothing() + "\"]");
  EXPECT_THAT(request(other, "quick", R"({"kinds":[7]})"), SizeIs(1));
  EXPECT_LT(shown, 300);
  EXPECT_THAT(named(await(client, "[\"NEG-")), SizeIs(300));
}

}  // namespace
