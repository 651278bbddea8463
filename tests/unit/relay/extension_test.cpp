// The extension API: each phase fires, any deny wins, a decision that takes too long is a denial.
#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using relay::Verdict;
using Extension = test::ScriptedFixture;

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

TEST_F(Extension, ADecisionThatDoesNotNoticeItsDeadlineIsADenialToo) {
  options_.limits.authorize_timeout_ms = 1;
  const auto extension = add(Phase::authorize_event | Phase::authorize_req);
  extension->never_decide = extension->ignore_the_deadline = true;
  start_all();
  auto& client = connect();
  EXPECT_TRUE(publish(client, alice.sign(1, {}, "", now))
                  .contains("false,\"error: could not be decided in time"));
  EXPECT_TRUE(request(client, "q", "{}").back().contains("error: could not be decided in time"));
  (void)send(client, R"(["COUNT","n",{}])");
  EXPECT_TRUE(await(client, R"(["CLOSED","n")").contains("error: could not be decided in time"));
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

TEST_F(Extension, OneThatCannotLoadWhatItMustKnowKeepsTheWorkerFromStarting) {
  add(Phase::check_event);
  const auto extension = add(Phase::check_event);
  make(mine_);
  EXPECT_TRUE(run_start());
  extension->starts = false;
  EXPECT_FALSE(run_start());
}

}  // namespace
