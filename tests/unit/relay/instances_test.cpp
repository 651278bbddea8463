// Several instances over one store: what one of them accepts reaches the clients of the others,
// once and in order.
#include "unit/relay/instances.h"

#include "relay/announcer.h"
#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using test::Client;
using testing::HasSubstr;

class InstancesOfARelay : public test::Instances<test::RelayFixture> {
 protected:
  std::string note(std::string_view text, int kind = 1) { return alice.sign(kind, {}, text, now); }
  void begin_both() {
    begin(a);
    begin(b);
  }
  void subscribe(Client& client) {
    ASSERT_THAT(request(client, "live", R"({"kinds":[1,20001]})").back(), HasSubstr("EOSE"));
  }
  /// The texts of the events it was sent, in their order.
  static std::vector<std::string> texts(Client& client) {
    (void)client.received();
    std::vector<std::string> found;
    for (const std::string& message : client.all) {
      if (!message.starts_with("[\"EVENT\"")) continue;
      const auto from = message.find(R"("content":")") + 11;
      found.push_back(message.substr(from, message.find('"', from) - from));
    }
    return found;
  }

  const test::Signer alice{1};
};

TEST_F(InstancesOfARelay, AnEventReachesTheSubscribersOfAnotherOnce) {
  begin_both();
  auto& reader = connect_to(b);
  subscribe(reader);
  EXPECT_THAT(publish(connect_to(a), note("one")), HasSubstr(",true,\"\""));
  EXPECT_THAT(await(reader, "one"), HasSubstr("[\"EVENT\",\"live\""));
  b.store.wake();
  EXPECT_THAT(publish(connect_to(b), note("two")), HasSubstr(",true,\"\""));
  EXPECT_EQ(texts(reader), (std::vector<std::string>{"one", "two"}));
}

TEST_F(InstancesOfARelay, SoDoesAnEphemeralEvent) {
  begin_both();
  auto& reader = connect_to(b);
  subscribe(reader);
  EXPECT_THAT(publish(connect_to(a), note("passing", 20001)), HasSubstr(",true,\"\""));
  EXPECT_THAT(await(reader, "passing"), HasSubstr("[\"EVENT\",\"live\""));
}

TEST_F(InstancesOfARelay, EventsComeInTheOrderOfCommitsWhoeverCommits) {
  begin_both();
  b.store.news_withheld = true;
  auto& reader = connect_to(b);
  subscribe(reader);
  auto& there = connect_to(a);
  auto& here = connect_to(b);
  for (const char* round : {"1", "2", "3"}) {
    (void)publish(there, note(std::string("a") + round));
    (void)publish(there, note(std::string("c") + round));
    (void)publish(here, note(std::string("b") + round));
  }
  EXPECT_EQ(texts(reader),
            (std::vector<std::string>{"a1", "c1", "b1", "a2", "c2", "b2", "a3", "c3", "b3"}));
}

TEST_F(InstancesOfARelay, WhatOneHasAcknowledgedIsFoundAndCountedByAnother) {
  begin_both();
  b.store.news_withheld = true;
  auto& writer = connect_to(a);
  auto& reader = connect_to(b);
  (void)publish(writer, note("first"));
  EXPECT_EQ(request(reader, "stored", R"({"kinds":[1]})").size(), 2u);
  (void)publish(writer, note("second"));
  EXPECT_THAT(count(reader, R"({"kinds":[1]})"), HasSubstr(R"("count":2)"));
}

TEST_F(InstancesOfARelay, NothingIsSentTwiceWhereStoredEventsEndAndLiveOnesBegin) {
  begin_both();
  b.store.news_withheld = true;
  (void)publish(connect_to(a), note("stored"));
  auto& reader = connect_to(b);
  // It is heard of while the page that has it waits.
  subscribe(reader);
  (void)publish(connect_to(b), note("live"));
  EXPECT_EQ(texts(reader), (std::vector<std::string>{"stored", "live"}));
}

TEST_F(InstancesOfARelay, WhatCannotBeJudgedInTimeIsNotShown) {
  options_.limits.authorize_timeout_ms = 50;
  begin_both();
  auto& reader = connect_to(b);
  subscribe(reader);
  b.store.down = true;
  (void)publish(connect_to(a), note("unheard"));
  EXPECT_THAT(request(reader, "stored", R"({"kinds":[1]})").back(),
              HasSubstr(R"(["CLOSED","stored","error: )"));
  EXPECT_THAT(count(reader, R"({"kinds":[1]})"), HasSubstr("error: "));
  EXPECT_TRUE(texts(reader).empty());
  b.store.down = false;
  EXPECT_TRUE(eventually(
      [&] { return request(reader, "stored", R"({"kinds":[1]})").back().contains("EOSE"); }));
  EXPECT_EQ(request(reader, "again", R"({"kinds":[1]})").size(), 2u);
}

TEST_F(InstancesOfARelay, AStoreThatCannotBeAskedForNewsTurnsReadinessOffUntilItCan) {
  begin_both();
  const auto health = b.writer->health();
  const auto contact = b.writer->contact();
  ASSERT_TRUE(contact);
  // The purge at the start is over when a second event is committed.
  for (const char* text : {"one", "two"}) (void)publish(connect_to(b), note(text));
  b.store.down = true;
  b.store.wake();
  EXPECT_TRUE(eventually([&] { return health->fault().has_value(); }));
  const auto failed = relay::StoreContact::Clock::now();
  b.store.wake();
  EXPECT_THAT(publish(connect_to(b), note("refused")), HasSubstr("false,\"error: "));
  const auto since = [&] { return relay::StoreContact::Clock::now() - failed; };
  EXPECT_FALSE(contact->within(since()));
  b.store.down = false;
  b.store.wake();
  // Sooner than the next trial after a failure would be.
  EXPECT_TRUE(eventually([&] { return !health->fault() && contact->within(since()); }));
  EXPECT_LT(since(), std::chrono::seconds(4));
}

TEST_F(InstancesOfARelay, ExtensionsAreLentTheContactUnlessTheStoreIsEmbedded) {
  const auto script = std::make_shared<test::Scripted>(Phase::on_commit);
  begin(b, {script});
  EXPECT_EQ(script->contact, b.writer->contact());
  start({script});
  EXPECT_EQ(script->contact, nullptr);
}

/// An instance that has to read anew what it knows.
class ALostInstance : public InstancesOfARelay {
 protected:
  void begin_scripted() {
    begin(a);
    begin(b, {script_});
  }
  /// Of B: its store has lost track, and the worker has heard so.
  void lose_track(Client& client) {
    b.store.lose_track = true;
    b.store.wake();
    ASSERT_TRUE(eventually([&] { return client.closed_with != 0; }));
  }

  const std::shared_ptr<test::Scripted> script_ =
      std::make_shared<test::Scripted>(Phase::on_commit | Phase::stage_write);
};

TEST_F(ALostInstance, ClosesEveryConnectionAndLoadsAgainBeforeItLetsAnybodyIn) {
  begin_scripted();
  auto& before = connect_to(b);
  script_->starts = false;
  lose_track(before);
  EXPECT_EQ(before.closed_with, 1012);
  before.session->on_closed();
  const int starts = script_->started;
  EXPECT_TRUE(eventually([&] { return script_->started > starts; })) << "tried again";
  auto& meanwhile = connect_to(b);
  EXPECT_EQ(meanwhile.closed_with, 1012);
  script_->starts = true;
  EXPECT_TRUE(eventually([&] { return !b.worker->horizon().lost(); }));
  auto& after = connect_to(b);
  EXPECT_EQ(after.closed_with, 0);
  subscribe(after);
  (void)publish(connect_to(a), note("on we go"));
  EXPECT_FALSE(await(after, "on we go").empty());
}

TEST_F(ALostInstance, ShowsNothingToThoseWhoAreNotGoneYet) {
  begin_scripted();
  auto& reader = connect_to(b);
  subscribe(reader);
  script_->starts = false;
  lose_track(reader);
  (void)publish(connect_to(a), note("hidden"));
  EXPECT_THAT(publish(reader, note("mine")), HasSubstr("OK"));
  EXPECT_TRUE(texts(reader).empty());
}

TEST_F(ALostInstance, AppliesAfterwardsWhatWasCommittedWhileItLoaded) {
  begin_scripted();
  auto& client = connect_to(b);
  boost::asio::steady_timer loaded(context_, boost::asio::steady_timer::time_point::max());
  script_->starts_after = &loaded;
  lose_track(client);
  ASSERT_THAT(publish(client, note("changes a row")), HasSubstr(",true,"));
  EXPECT_EQ(script_->commits, 0);
  loaded.cancel();
  EXPECT_TRUE(eventually([&] { return !b.worker->horizon().lost(); }));
  EXPECT_EQ(script_->commits, 1);
}

TEST_F(ALostInstance, AnswersHttpCallsByComingBackLater) {
  begin_scripted();
  script_->route = true;
  const auto routes = b.worker->routes();
  ASSERT_EQ(routes.size(), 1u);
  EXPECT_EQ(run(routes.front().handler({})).status, 200);
  script_->starts = false;
  lose_track(connect_to(b));
  EXPECT_EQ(run(routes.front().handler({})).status, 503);
}

/// What each of two workers was told.
class Announcer : public testing::Test {
 protected:
  void SetUp() override {
    announcer_.start(2, [this](std::size_t worker, relay::WorkerMessage message) {
      told_[worker] += "CSLO"[message.index()];
      if (const auto* changed = std::get_if<relay::Changed>(&message))
        told_[worker] += std::to_string(changed->batch->last);
    });
  }
  static std::shared_ptr<store::CommitBatch> batch(store::Seq last) {
    auto made = std::make_shared<store::CommitBatch>();
    made->last = last;
    return made;
  }

  relay::Announcer announcer_;
  std::array<std::string, 2> told_;
};

TEST_F(Announcer, TellsOfCommitsThatOnlyEraseAndOfEachOnce) {
  announcer_.settle(batch(5));
  announcer_.settle(batch(5));
  EXPECT_EQ(told_[0], "C5");
  EXPECT_EQ(told_[1], "C5");
}

TEST_F(Announcer, TellsWhatOthersDidFirst) {
  const auto mine = batch(9);
  const auto theirs = batch(7);
  theirs->events.push_back({});
  mine->events.push_back({});
  mine->before = {theirs, batch(8)};
  announcer_.settle(mine);
  EXPECT_EQ(told_[0], "C7SC8C9S");
}

TEST_F(Announcer, ALossComesBeforeAllElseAndNumbersMayBeginAgain) {
  announcer_.settle(batch(9));
  const auto lost = batch(3);
  lost->lost_track = true;
  announcer_.settle(lost);
  announcer_.settle(batch(4));
  EXPECT_EQ(told_[0], "C9LC4");
}

}  // namespace
