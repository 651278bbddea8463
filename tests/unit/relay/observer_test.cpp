// Who observes is told of what the relay does, once, and has no say.
#include "relay/extension/observer.h"

#include <algorithm>
#include <map>

#include "unit/relay/scripted_extension.h"

namespace {

using relay::ClientVerb;
using relay::RelayVerb;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

/// What was told, as a test looks at it.
struct Seen final : relay::Observer {
  void on(const relay::Received& message) override { ++received[message.verb]; }
  void on(const relay::Sent& message) override { ++sent[message.verb]; }
  void on(const relay::EventAnswered& answered) override {
    answers.emplace_back(answered.kind.value_or(0), std::string(answered.reason));
    timed &= answered.took > std::chrono::nanoseconds(0);
  }
  void on(const relay::AuthAnswered& answered) override {
    auths.emplace_back(answered.refusal.substr(0, answered.refusal.find(':')));
  }
  void on(const relay::Refused& refused) override {
    refusals.emplace_back(refused.verb, std::string(refused.reason.substr(0, 11)));
  }
  void on(const relay::Queried& queried) override {
    ++queries;
    timed &= queried.took > std::chrono::nanoseconds(0);
  }
  void on(const relay::Delivered& delivered) override {
    deliveries.emplace_back(delivered.source, delivered.events);
  }
  void on(const relay::Withheld& withheld) override {
    denials.emplace_back(withheld.kind, withheld.events);
  }
  void on(const relay::SubscriptionsChanged& changed) override { subscriptions += changed.by; }

  std::map<ClientVerb, int> received;
  std::map<RelayVerb, int> sent;
  std::vector<std::pair<nostr::Kind, std::string>> answers;
  std::vector<std::string> auths;
  std::vector<std::pair<ClientVerb, std::string>> refusals;
  std::vector<std::pair<relay::Source, std::uint64_t>> deliveries;
  std::vector<std::pair<nostr::Kind, std::uint64_t>> denials;
  std::int64_t subscriptions = 0;
  int queries = 0;
  bool timed = true;
};

struct SeenCommit {
  std::size_t writes, events, changes;
  bool failed;
  bool operator==(const SeenCommit&) const = default;
};

class Watching final : public relay::Extension {
 public:
  std::string_view name() const override { return "watching"; }
  relay::Phases phases() const override { return relay::Phase::observe; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override {
    struct Half final : relay::WorkerExtension {
      explicit Half(relay::Observer& told) : seen(told) {}
      relay::Observer* observer() override { return &seen; }
      relay::Observer& seen;
    };
    return std::make_unique<Half>(seen);
  }
  void on_committed(const relay::Committed& committed) const override {
    commits.push_back(
        {committed.writes, committed.events.size(), committed.changes.size(), committed.failed});
  }

  mutable Seen seen;
  mutable std::vector<SeenCommit> commits;  // by the writer; read once it has stopped
};

class Observing : public test::ScriptedFixture {
 protected:
  void start_watched(relay::Extensions extensions = {}) {
    extensions.push_back(watching);
    make(std::move(extensions));
    ASSERT_TRUE(run_start());
    writer_->tell({watching.get()});
    writer_->start(1, [this](std::size_t, relay::WorkerMessage message) {
      worker_->post(std::move(message));
    });
  }
  std::string note(std::string_view text, int kind = 1) const {
    return alice.sign(kind, {}, text, now_);
  }

  std::shared_ptr<Watching> watching = std::make_shared<Watching>();
  Seen& seen = watching->seen;
};

TEST(RelayVerbs, AreReadOffTheMessage) {
  for (std::size_t verb = 0; verb < relay::relay_verbs; ++verb) {
    const auto each = static_cast<RelayVerb>(verb);
    EXPECT_EQ(relay::relay_verb_of("[\"" + std::string(relay::name_of(each)) + "\",\"x\"]"), each);
  }
}

TEST_F(Observing, MessagesAreToldByVerbUnderstoodOrNot) {
  start_watched();
  auto& client = connect();
  (void)publish(client, note("one"));
  (void)request(client, "q", R"({"kinds":[1]})");
  (void)count(client, R"({"kinds":[1]})");
  (void)send(client, R"(["CLOSE","q"])");
  (void)send(client, R"(["EVENT",{"id":"00"}])");
  (void)send(client, "nonsense");
  EXPECT_THAT(seen.received,
              UnorderedElementsAre(Pair(ClientVerb::event, 2), Pair(ClientVerb::req, 1),
                                   Pair(ClientVerb::count, 1), Pair(ClientVerb::close, 1),
                                   Pair(ClientVerb::other, 1)));
  EXPECT_THAT(seen.sent, UnorderedElementsAre(Pair(RelayVerb::auth, 1), Pair(RelayVerb::ok, 2),
                                              Pair(RelayVerb::eose, 1), Pair(RelayVerb::count, 1),
                                              Pair(RelayVerb::notice, 1)));
}

TEST_F(Observing, EveryAnswerToAnEventIsToldWithItsKindAndReason) {
  start_watched();
  auto& client = connect();
  const std::string event = note("one");
  (void)publish(client, event);
  (void)publish(client, event);
  (void)publish(client, alice.sign(7, {}, "early", now_ + 100'000));
  EXPECT_THAT(seen.answers, ElementsAre(Pair(1, ""), Pair(1, "duplicate: already have this event"),
                                        Pair(7, testing::StartsWith("invalid: created_at"))));
  EXPECT_TRUE(seen.timed);
  writer_->stop();
  EXPECT_THAT(watching->commits,
              ElementsAre(SeenCommit{1, 1, 0, false}, SeenCommit{1, 0, 0, false}));
}

TEST_F(Observing, ProofsAreToldWithTheirOutcome) {
  start_watched();
  auto& client = connect();
  (void)authenticate(client, alice, "ws://elsewhere.test");
  (void)authenticate(client, alice);
  EXPECT_THAT(seen.auths, ElementsAre(testing::Not(""), ""));
}

TEST_F(Observing, DeliveriesAreToldOncePerFanOutAndOncePerPage) {
  start_watched();
  auto& writer = connect();
  (void)publish(writer, note("one"));
  (void)publish(writer, note("two"));
  auto &first = connect(), &second = connect();
  (void)request(first, "q", R"({"kinds":[1]})");
  (void)request(second, "q", R"({"kinds":[1]})");
  (void)publish(writer, note("three"));
  EXPECT_THAT(seen.deliveries,
              ElementsAre(Pair(relay::Source::stored, 2), Pair(relay::Source::stored, 2),
                          Pair(relay::Source::live, 2)));
  EXPECT_THAT(seen.denials, testing::IsEmpty());
  EXPECT_EQ(seen.queries, 2);
}

TEST_F(Observing, WhatViewersMayNotReadIsToldByKind) {
  const auto gate = add(relay::Phase::may_read);
  gate->may_read = [](const store::StoredEvent& stored, const auto&) {
    return stored.event->kind != 4;
  };
  start_watched(mine_);
  auto& writer = connect();
  (void)publish(writer, note("secret", 4));
  (void)publish(writer, note("secret too", 4));
  (void)publish(writer, note("open", 1));
  auto& reader = connect();
  (void)request(reader, "q", "{}");
  EXPECT_THAT(seen.denials, ElementsAre(Pair(4, 2)));
  (void)count(reader, R"({"kinds":[4]})");
  EXPECT_THAT(seen.denials, ElementsAre(Pair(4, 2), Pair(4, 2)));
  (void)publish(writer, note("a third", 4));
  EXPECT_THAT(seen.denials, ElementsAre(Pair(4, 2), Pair(4, 2), Pair(4, 1)));
}

TEST_F(Observing, RefusedRequestsAreToldByWhatTheyWere) {
  const auto gate = add(relay::Phase::check_req);
  gate->check_req = [](const auto&) { return relay::Verdict::deny("restricted: not for you"); };
  start_watched(mine_);
  auto& client = connect();
  (void)request(client, "q", "{}");
  (void)count(client, "{}");
  (void)send(client, R"(["NEG-OPEN","n",{},"61"])");
  EXPECT_THAT(seen.refusals, ElementsAre(Pair(ClientVerb::req, "restricted:"),
                                         Pair(ClientVerb::count, "restricted:"),
                                         Pair(ClientVerb::neg_open, "restricted:")));
  EXPECT_EQ(seen.queries, 0);
}

TEST_F(Observing, OpenSubscriptionsAddUp) {
  start_watched();
  auto &client = connect(), &other = connect();
  (void)request(client, "a", R"({"kinds":[1]})");
  (void)request(client, "b", R"({"kinds":[1]})");
  (void)request(client, "b", R"({"kinds":[2]})");
  (void)request(other, "a", R"({"kinds":[1]})");
  EXPECT_EQ(seen.subscriptions, 3);
  (void)send(client, R"(["CLOSE","a"])");
  EXPECT_EQ(seen.subscriptions, 2);
  client.session->on_closed();
  EXPECT_EQ(seen.subscriptions, 1);
  std::erase_if(clients_, [&](const auto& each) { return each.get() == &client; });
}

}  // namespace
