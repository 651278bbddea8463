// Operations that an extension performs for one REQ, and read decisions that must be prepared.
#include <fmt/format.h>

#include <set>

#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using test::Client;

/// Gives away the events it names and leaves a row, or refuses.
class Give final : public store::Operation {
 public:
  explicit Give(std::vector<Pick> picks, std::string refusal = {})
      : picks_(std::move(picks)), refusal_(std::move(refusal)) {}

  void reads(store::Reads&) const override {}
  std::expected<Effects, store::Refusal> run(const store::RowView&,
                                             base::UnixSeconds) const override {
    if (!refusal_.empty()) return std::unexpected(store::Refusal{refusal_});
    return Effects{.changes = {{"scripted/given", "yes"}}, .picks = picks_};
  }

 private:
  const std::vector<Pick> picks_;
  const std::string refusal_;
};

class HandOut : public test::ScriptedFixture {
 protected:
  /// Kind 7 is hidden from all; who proves Alice's key performs `operation`.
  void start_with(store::OperationPtr operation) {
    script = add(Phase::may_read | Phase::hand_out | Phase::on_commit | Phase::may_give);
    script->may_read = [](const auto& stored, const auto&) { return stored.event->kind != 7; };
    script->hand_out = [this, operation](const relay::ReqContext& context) {
      return context.viewer.proves(alice.key()) ? operation : nullptr;
    };
    start_all();
  }
  void store_events() {
    auto& client = connect();
    for (const auto* event : {&newest, &hidden, &oldest})
      ASSERT_TRUE(publish(client, *event).contains(",true,\"\""));
  }
  static store::Operation::Pick pick(const std::string& event, bool take) {
    return {*base::from_hex<nostr::EventId>(event.substr(7, 64)), take};
  }
  Client& connect_alice() {
    auto& client = connect();
    EXPECT_TRUE(authenticate(client, alice).contains(",true,"));
    return client;
  }
  std::optional<std::string> row() { return run(store_.get_rows({"scripted/given"})).value()[0]; }

  const std::string newest = bob.sign(1, {}, "newest", now - 1),
                    hidden = bob.sign(7, {}, "hidden", now - 2),
                    oldest = bob.sign(1, {}, "oldest", now - 3);
  std::shared_ptr<test::Scripted> script;
};

TEST_F(HandOut, WhatIsPickedComesInOrderWithWhatIsStored) {
  const std::string hidden_too = bob.sign(7, {}, "hidden too", now - 4);
  start_with(std::make_shared<Give>(std::vector{pick(hidden_too, false), pick(hidden, false)}));
  store_events();
  ASSERT_TRUE(publish(connect(), hidden_too).contains(",true,\"\""));
  EXPECT_THAT(
      request(connect_alice(), "q", "{}"),
      testing::ElementsAre("[\"EVENT\",\"q\"," + newest + "]", "[\"EVENT\",\"q\"," + hidden + "]",
                           "[\"EVENT\",\"q\"," + oldest + "]",
                           "[\"EVENT\",\"q\"," + hidden_too + "]", "[\"EOSE\",\"q\"]"));
}

TEST_F(HandOut, AnEventThatIsPickedAndMatchesComesOnce) {
  start_with(std::make_shared<Give>(std::vector{pick(newest, false)}));
  store_events();
  EXPECT_EQ(request(connect_alice(), "q", "{}").size(), 3u);
}

TEST_F(HandOut, WhatIsPickedCountsTowardsNoLimit) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, false)}));
  store_events();
  EXPECT_EQ(request(connect_alice(), "q", R"({"limit":1})").size(), 3u);
}

TEST_F(HandOut, NobodyElseIsGivenIt) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, false)}));
  auto& other = connect();
  (void)request(other, "live", "{}");
  store_events();
  (void)request(connect_alice(), "q", "{}");
  EXPECT_EQ(request(other, "q", "{}").size(), 3u);
  EXPECT_FALSE(has_seen(other, "hidden"));
}

TEST_F(HandOut, WhatMayNotBeGivenByTheTimeItIsTakenIsNotShown) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, false)}));
  store_events();
  script->may_give = [this](const auto& owner) { return owner != bob.key(); };
  EXPECT_EQ(request(connect_alice(), "q", "{}").size(), 3u);
  script->may_give = [](const auto&) { return true; };
  EXPECT_EQ(request(connect_alice(), "q", "{}").size(), 4u);
}

TEST_F(HandOut, WhatIsTakenIsGivenOnce) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, true)}));
  store_events();
  auto& client = connect_alice();
  EXPECT_EQ(request(client, "q", "{}").size(), 4u);
  EXPECT_EQ(request(client, "q", "{}").size(), 3u);
  EXPECT_TRUE(publish(client, hidden).contains(",true,\"\"")) << "it has left the store";
}

TEST_F(HandOut, EveryoneHearsOfTheCommitBeforeTheAnswer) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, false)}));
  store_events();
  const int before = script->commits;
  (void)request(connect_alice(), "q", "{}");
  EXPECT_EQ(script->commits, before + 1);
  EXPECT_EQ(script->commits_when_handed_out, before + 1);
  EXPECT_EQ(row(), "yes");
}

TEST_F(HandOut, ARefusalClosesTheSubscriptionAndChangesNothing) {
  start_with(
      std::make_shared<Give>(std::vector{pick(hidden, true)}, "rate-limited: wait 5 seconds"));
  store_events();
  auto& client = connect_alice();
  EXPECT_EQ(request(client, "q", "{}").back(), R"(["CLOSED","q","rate-limited: wait 5 seconds"])");
  EXPECT_EQ(row(), std::nullopt);
  EXPECT_TRUE(publish(client, hidden).contains("duplicate:"));
  (void)publish(client, bob.sign(1, {}, "for nobody", now));
  EXPECT_FALSE(has_seen(client, "for nobody"));
}

TEST_F(HandOut, CountsTakeNothing) {
  start_with(std::make_shared<Give>(std::vector{pick(hidden, true)}));
  store_events();
  EXPECT_EQ(count(connect_alice(), "{}"), R"(["COUNT","n",{"count":2}])");
  EXPECT_EQ(row(), std::nullopt);
}

/// Events that may be read once they have been prepared, but for kind 7, which no preparation opens.
class Prepared : public test::ScriptedFixture {
 protected:
  void SetUp() override {
    script = add(Phase::may_read | Phase::prepare);
    script->may_read = [this](const auto& stored, const auto&) {
      return known.contains(stored.event->id);
    };
    script->undecided = [this](const auto& stored) { return !known.contains(stored.event->id); };
    script->prepare = [this](const auto& stored) {
      if (fails) throw std::runtime_error("unreachable");
      ++prepared;
      if (stored.event->kind != 7) known.insert(stored.event->id);
    };
    start_all();
  }
  std::shared_ptr<test::Scripted> script;
  std::set<nostr::EventId> known;
  int prepared = 0;
  bool fails = false;
};

TEST_F(Prepared, StoredEventsAreDecidedOnceWhatIsNeededIsThere) {
  auto& client = connect();
  for (int i = 0; i < 3; ++i) (void)publish(client, alice.sign(1, {}, "", now - i));
  EXPECT_EQ(request(client, "q", R"({"limit":2})").size(), 3u);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":3}])");
  EXPECT_EQ(prepared, 3) << "nothing is fetched twice";
}

TEST_F(Prepared, LiveEventsArriveOnceWhatIsNeededIsThere) {
  auto& client = connect();
  (void)request(client, "live", "{}");
  (void)publish(client, alice.sign(1, {}, "late", now));
  EXPECT_TRUE(await(client, "\"late\"").starts_with(R"(["EVENT","live",)"));
  EXPECT_EQ(prepared, 1);
}

TEST_F(Prepared, AnEventArrivesOnceHoweverManyFiltersWantIt) {
  auto& client = connect();
  (void)request(client, "live", R"({},{"kinds":[1]})");
  (void)publish(client, alice.sign(1, {}, "late", now));
  EXPECT_FALSE(await(client, "\"late\"").empty());
  (void)request(client, "end", R"({"limit":0})");
  EXPECT_EQ(
      std::ranges::count_if(client.all, [](const auto& text) { return text.contains("\"late\""); }),
      1);
}

TEST_F(Prepared, EventsArriveInTheirOrderThoughOneIsDecidedLate) {
  boost::asio::steady_timer gate(context_, boost::asio::steady_timer::time_point::max());
  script->prepares_after = &gate;
  auto& client = connect();
  (void)request(client, "live", "{}");
  const auto second = alice.sign(1, {}, "second", now);
  known.insert(*base::from_hex<nostr::EventId>(second.substr(7, 64)));
  (void)publish(connect(), alice.sign(1, {}, "first", now));
  (void)publish(connect(), second);
  (void)publish(connect(), alice.sign(7, {}, "never", now));
  (void)publish(connect(), alice.sign(1, {}, "last", now));
  (void)request(client, "end", R"({"limit":0})");
  EXPECT_FALSE(has_seen(client, "second")) << "the first is not decided";
  script->prepares_after = nullptr;
  gate.cancel();
  (void)await(client, "\"last\"");
  std::vector<std::string> contents;
  for (const auto& text : client.all)
    for (const auto* content : {"first", "second", "never", "last"})
      if (text.contains(fmt::format("\"{}\"", content))) contents.emplace_back(content);
  EXPECT_THAT(contents, testing::ElementsAre("first", "second", "last"));
}

TEST_F(Prepared, ASubscriptionBehindWhichTooMuchWaitsIsClosed) {
  options_.limits.max_held_live_events = 3;
  start_all();
  boost::asio::steady_timer gate(context_, boost::asio::steady_timer::time_point::max());
  script->prepares_after = &gate;
  auto& client = connect();
  (void)request(client, "live", "{}");
  for (int i = 0; i < 4; ++i) (void)publish(connect(), alice.sign(1, {}, "late", now - i));
  gate.cancel();
  EXPECT_EQ(
      await(client, "CLOSED"),
      R"(["CLOSED","live","error: too many new events came while one was decided; ask again"])");
  EXPECT_FALSE(has_seen(client, "\"late\""));
}

TEST_F(Prepared, WhatStaysUndecidedStaysHidden) {
  auto& client = connect();
  (void)request(client, "live", "{}");
  (void)publish(client, alice.sign(7, {}, "never", now));
  EXPECT_EQ(request(client, "q", "{}").size(), 1u);
  EXPECT_EQ(count(client, "{}"), R"(["COUNT","n",{"count":0}])");
  EXPECT_FALSE(has_seen(client, "never\""));
}

TEST_F(Prepared, ASubscriptionThatEndsMeanwhileGetsNothing) {
  boost::asio::steady_timer gate(context_, boost::asio::steady_timer::time_point::max());
  script->prepares_after = &gate;
  auto& client = connect();
  (void)request(client, "live", "{}");
  (void)publish(connect(), alice.sign(1, {}, "late", now));
  ASSERT_EQ(prepared, 0);
  (void)send(client, R"(["CLOSE","live"])");
  gate.cancel();
  (void)request(client, "end", R"({"limit":0})");
  EXPECT_EQ(prepared, 1);
  EXPECT_FALSE(has_seen(client, "\"late\""));
}

TEST_F(Prepared, AFailureHidesWhatItWasAskedForAndNoMore) {
  auto& client = connect();
  (void)publish(client, alice.sign(1, {}, "first", now));
  ASSERT_EQ(request(client, "q", "{}").size(), 2u);
  fails = true;
  (void)request(client, "live", "{}");
  (void)publish(client, alice.sign(1, {}, "second", now));
  EXPECT_EQ(request(client, "q", "{}").size(), 2u);
  EXPECT_FALSE(has_seen(client, "\"second\""));
}

}  // namespace
