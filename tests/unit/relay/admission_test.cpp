// What extensions may say besides yes and no: swallow an event, refuse a connection or an AUTH
// event.
#include "unit/relay/relay_fixture.h"

namespace {

using relay::Phase;
using relay::Verdict;
using testing::HasSubstr;

/// Answers what a test sets.
struct Script {
  Verdict check_event = Verdict::pass();
  Verdict authorize_event = Verdict::pass();
  Verdict check_auth = Verdict::pass();
  std::string_view refusal;
  bool authorizes = true;
  int authorized = 0, reloads = 0;
  std::vector<bool> opened;
};

class Worker final : public relay::WorkerExtension {
 public:
  explicit Worker(Script& script) : script_(script) {}
  void on_reload() override { ++script_.reloads; }
  Verdict check_event(const relay::EventContext&) override { return script_.check_event; }
  bool authorizes(const nostr::Event&) const override { return script_.authorizes; }
  boost::asio::awaitable<Verdict> authorize_event(relay::EventContext) override {
    ++script_.authorized;
    co_return script_.authorize_event;
  }
  Verdict check_auth(const relay::ClientContext&) override { return script_.check_auth; }
  std::string_view check_connection(const relay::ClientContext& context) override {
    script_.opened.push_back(context.opens);
    return script_.refusal;
  }

 private:
  Script& script_;
};

class Actor final : public relay::Extension {
 public:
  explicit Actor(Script& script) : script_(script) {}
  std::string_view name() const override { return "actor"; }
  relay::Phases phases() const override {
    return Phase::check_event | Phase::authorize_event | Phase::check_auth |
           Phase::check_connection;
  }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override {
    return std::make_unique<Worker>(script_);
  }

 private:
  Script& script_;
};

class AdmissionOf : public test::RelayFixture {
 protected:
  void start_two() { start({std::make_shared<Actor>(first), std::make_shared<Actor>(second)}); }
  std::string publish(test::Client& client) {
    return RelayFixture::publish(client, alice.sign(1, {}, fmt::format("{}", ++written_), now));
  }

  Script first, second;
  const test::Signer alice{1};

 private:
  int written_ = 0;
};

TEST_F(AdmissionOf, ASwallowedEventIsAcceptedInWordsOnly) {
  start_two();
  auto& reader = connect();
  (void)request(reader, "live", "{}");
  auto& writer = connect();
  for (Verdict Script::* phase : {&Script::check_event, &Script::authorize_event}) {
    second.*phase = Verdict::swallow();
    EXPECT_THAT(publish(writer), HasSubstr(",true,\"\""));
    EXPECT_THAT(request(writer, "q", "{}"), testing::SizeIs(1)) << "EOSE alone";
    second.*phase = Verdict::pass();
  }
  EXPECT_FALSE(has_seen(reader, "\"EVENT\""));
  EXPECT_THAT(publish(writer), HasSubstr(",true,\"\""));
  EXPECT_NE(await(reader, "\"EVENT\""), "") << "the next one is passed on";
}

TEST_F(AdmissionOf, ADenialWinsOverASwallowWhicheverComesFirst) {
  start_two();
  for (const bool denied_first : {true, false}) {
    for (Verdict Script::* phase : {&Script::check_event, &Script::authorize_event}) {
      (denied_first ? first : second).*phase = Verdict::deny("restricted: no");
      (denied_first ? second : first).*phase = Verdict::swallow();
      EXPECT_THAT(publish(connect()), HasSubstr(",false,\"restricted: no\""));
      first.*phase = second.*phase = Verdict::pass();
    }
  }
}

TEST_F(AdmissionOf, AnExtensionThatHasNothingToDecideIsNotAskedToWait) {
  first.authorizes = false;
  start_two();
  EXPECT_THAT(publish(connect()), HasSubstr(",true,"));
  EXPECT_EQ(first.authorized, 0);
  EXPECT_EQ(second.authorized, 1);
}

TEST_F(AdmissionOf, ARefusedAuthIsAnsweredAndProvesNothing) {
  start_two();
  auto& client = connect();
  second.check_auth = Verdict::deny("rate-limited: later");
  EXPECT_THAT(authenticate(client, alice), HasSubstr(",false,\"rate-limited: later\""));
  second.check_auth = Verdict::pass();
  EXPECT_THAT(authenticate(client, alice), HasSubstr(",true,"));
}

TEST_F(AdmissionOf, ARefusedConnectionIsClosedBeforeItIsSentAnything) {
  start_two();
  second.refusal = "blocked: no";
  auto& client = connect();
  EXPECT_EQ(client.closed_with, 1008);
  EXPECT_TRUE(client.received().empty());
}

TEST_F(AdmissionOf, AReloadLooksAtOpenConnectionsAgain) {
  start_two();
  auto& gone = connect();
  auto& stays = connect();
  gone.session->on_closed();
  EXPECT_THAT(first.opened, testing::ElementsAre(true, true));
  second.refusal = "blocked: no";
  worker_->reload(options_);
  EXPECT_EQ(first.reloads, 1);
  EXPECT_THAT(first.opened, testing::ElementsAre(true, true, false));
  EXPECT_EQ(stays.closed_with, 1008);
  EXPECT_EQ(gone.closed_with, 0);
  clients_.erase(clients_.begin());  // it was told of its end
}

TEST_F(AdmissionOf, CountIsRefusedWhereItIsSwitchedOff) {
  options_.offer_count = false;
  start_two();
  EXPECT_THAT(count(connect(), "{}"), HasSubstr("[\"CLOSED\",\"n\",\"unsupported: "));
}

}  // namespace
