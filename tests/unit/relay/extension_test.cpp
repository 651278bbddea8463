// The extension API: each phase fires, any deny wins, a decision that takes too long is a denial.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "unit/relay/relay_fixture.h"

namespace {

using relay::Phase;
using relay::Verdict;
using test::Signer;

/// An extension made of what a test sets; everything else passes.
class Scripted final : public relay::Extension {
 public:
  explicit Scripted(relay::Phases phases) : phases_(phases) {}

  std::string_view name() const override { return "scripted"; }
  relay::Phases phases() const override { return phases_; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override;

  std::expected<store::Staged, store::Refusal> stage(const store::Write& write,
                                                     const store::RowView&) const override {
    if (refuse_stage) return std::unexpected(store::Refusal{"restricted: staged"});
    return store::Staged{.changes = {{"scripted/last", std::string(write.event->id.view())}}};
  }

  bool refuse_stage = false;
  std::function<Verdict(const relay::EventContext&)> check_event = [](const auto&) {
    return Verdict::pass();
  };
  std::function<Verdict(const relay::ReqContext&)> check_req = [](const auto&) {
    return Verdict::pass();
  };
  std::function<bool(const store::StoredEvent&, const nostr::Viewer&)> may_read =
      [](const auto&, const auto&) { return true; };
  bool never_decide = false;
  mutable int commits = 0, joined = 0, left = 0;

 private:
  const relay::Phases phases_;
};

class ScriptedWorker final : public relay::WorkerExtension {
 public:
  explicit ScriptedWorker(const Scripted& script) : script_(script) {}

  boost::asio::awaitable<Verdict> on_auth(const nostr::PublicKey&) override {
    ++script_.joined;
    co_return Verdict::pass();
  }
  void on_leave(const nostr::PublicKey&) override { ++script_.left; }
  Verdict check_event(const relay::EventContext& context) override {
    return script_.check_event(context);
  }
  Verdict check_req(const relay::ReqContext& context) override {
    return script_.check_req(context);
  }
  boost::asio::awaitable<Verdict> authorize_event(relay::EventContext) override { return decide(); }
  boost::asio::awaitable<Verdict> authorize_req(relay::ReqContext) override { return decide(); }
  void on_commit(const store::CommitBatch&) override { ++script_.commits; }
  bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                const nostr::Filter&) const override {
    return script_.may_read(event, viewer);
  }

 private:
  boost::asio::awaitable<Verdict> decide() {
    if (script_.never_decide) {
      boost::asio::steady_timer never(co_await boost::asio::this_coro::executor,
                                      std::chrono::hours(1));
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    co_return Verdict::pass();
  }

  const Scripted& script_;
};

std::unique_ptr<relay::WorkerExtension> Scripted::attach(relay::WorkerServices) const {
  return std::make_unique<ScriptedWorker>(*this);
}

class Extension : public test::RelayFixture {
 protected:
  std::shared_ptr<Scripted> add(relay::Phases phases) {
    auto extension = std::make_shared<Scripted>(phases);
    mine_.push_back(extension);
    return extension;
  }
  void start_all() { start(mine_); }

  const Signer alice{1};
  relay::Extensions mine_;
};

TEST_F(Extension, AnyDenialWinsOverOtherPasses) {
  add(Phase::check_event);
  add(Phase::check_event)->check_event = [](const auto&) {
    return Verdict::deny("restricted: no");
  };
  add(Phase::check_event);
  start_all();
  EXPECT_TRUE(publish(connect(), alice.sign(1, {}, "", now)).contains("false,\"restricted: no"));
}

TEST_F(Extension, PhasesItDoesNotNameAreNeverAsked) {
  add(Phase::check_req)->check_event = [](const auto&) {
    return Verdict::deny("restricted: never asked");
  };
  start_all();
  EXPECT_TRUE(publish(connect(), alice.sign(1, {}, "", now)).contains(",true,"));
}

TEST_F(Extension, DeniedRequestsAreClosedWithTheReason) {
  add(Phase::check_req)->check_req = [](const auto&) {
    return Verdict::deny("restricted: not you");
  };
  start_all();
  EXPECT_EQ(request(connect(), "q", "{}").back(), R"(["CLOSED","q","restricted: not you"])");
}

TEST_F(Extension, ADecisionThatTakesTooLongIsADenial) {
  options_.limits.authorize_timeout_ms = 1;
  add(Phase::authorize_event | Phase::authorize_req)->never_decide = true;
  start_all();
  auto& client = connect();
  EXPECT_TRUE(publish(client, alice.sign(1, {}, "", now))
                  .contains("false,\"error: could not be decided in time"));
  EXPECT_TRUE(request(client, "q", "{}").back().contains("error: could not be decided in time"));
}

TEST_F(Extension, LaterMessagesWaitWhileItDecides) {
  add(Phase::authorize_event)->never_decide = true;
  options_.limits.authorize_timeout_ms = 1;
  start_all();
  auto& client = connect();
  EXPECT_EQ(send(client, "[\"EVENT\"," + alice.sign(1, {}, "", now) + "]"),
            relay::Session::Flow::wait);
  EXPECT_FALSE(await(client, "OK").empty());
  EXPECT_TRUE(client.resumed);
}

TEST_F(Extension, RowsCommitWithTheirEventAndEveryWorkerHears) {
  const auto extension = add(Phase::stage_write | Phase::on_commit);
  start_all();
  auto& client = connect();
  (void)publish(client, alice.sign(1, {}, "", now));
  EXPECT_EQ(extension->commits, 1);
}

TEST_F(Extension, ARefusalInTheCommitReachesThePublisher) {
  add(Phase::stage_write)->refuse_stage = true;
  start_all();
  EXPECT_TRUE(
      publish(connect(), alice.sign(1, {}, "", now)).contains("false,\"restricted: staged"));
}

TEST_F(Extension, TheReadDecisionHoldsForStoredAndLiveBeforeTheLimit) {
  const Signer bob(2);
  add(Phase::may_read)->may_read = [key = alice.key()](const auto& stored, const auto&) {
    return stored.event->pubkey == key;
  };
  start_all();
  auto& client = connect();
  (void)request(client, "live", "{}");
  (void)publish(client, alice.sign(1, {}, "seen 1", now - 2));
  (void)publish(client, alice.sign(1, {}, "seen 2", now - 1));
  (void)publish(client, bob.sign(1, {}, "hidden", now));
  const auto stored = request(client, "stored", R"({"limit":2})");
  EXPECT_EQ(stored.size(), 3u);
  EXPECT_FALSE(
      std::ranges::any_of(client.all, [](const auto& text) { return text.contains("hidden"); }));
}

TEST_F(Extension, EveryProvedKeyIsJoinedAndLeftOnce) {
  const auto extension = add(Phase::on_auth);
  start_all();
  auto& client = connect();
  EXPECT_TRUE(authenticate(client, alice).contains(",true,"));
  EXPECT_TRUE(authenticate(client, alice).contains(",true,"));
  EXPECT_EQ(extension->joined, 1);
  client.session->on_closed();
  EXPECT_EQ(extension->left, 1);
}

}  // namespace
