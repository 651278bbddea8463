// The gateway on two instances over one store: a removal that one has acknowledged counts on both.
#include "extensions/mls_gateway/gateway_worker.h"
#include "nostr/negentropy.h"
#include "unit/extensions/gateway_fixture.h"
#include "unit/relay/instances.h"

namespace {

namespace negentropy = nostr::negentropy;
using test::Client;
using test::Signer;
using testing::HasSubstr;

const std::string group_messages = R"({"kinds":[445],"#h":["g"]})";

class GatewayInstances : public test::Instances<test::GatewayFixture> {
 protected:
  /// Alice administers "g" at A; Bob is a member.
  void begin_both() {
    begin(a, gateway({}, log_));
    begin(b, gateway({}, log_));
    admin_ = &connect_to(a, alice);
    ASSERT_THAT(order("bootstrap", bob), HasSubstr(",true,\"\""));
  }
  std::string order(const char* operation, const Signer& member) {
    return publish(*admin_, alice, 450,
                   {{"h", "g"},
                    {"op", operation},
                    {"seq", fmt::format("{}", ++orders_)},
                    {"p", member.hex()}});
  }
  void remove_bob() { ASSERT_THAT(order("remove", bob), HasSubstr(",true,\"\"")); }
  void write(std::string_view text) {
    ASSERT_THAT(publish(*admin_, one_time, 445, {{"h", "g"}, {"k", "1"}}, text),
                HasSubstr(",true,\"\""));
  }
  /// What B has heard of when it answers is what was committed by then.
  void let_b_catch_up() {
    ASSERT_THAT(publish(connect_to(b), mallory, 1, {}, "round trip"), HasSubstr(",true,"));
  }

  Client* admin_ = nullptr;
  int orders_ = 0;
};

TEST_F(GatewayInstances, MembersReadWhatWasWrittenAtTheOther) {
  begin_both();
  auto& reader = connect_to(b, bob);
  (void)request(reader, "live", group_messages);
  write("for members");
  EXPECT_FALSE(await(reader, "for members").empty());
}

TEST_F(GatewayInstances, ARemovedMemberReceivesNothingThatComesAfterItsRemovalAnywhere) {
  begin_both();
  auto& reader = connect_to(b, bob);
  (void)request(reader, "live", group_messages);
  b.store.news_withheld = true;
  remove_bob();
  write("after the removal");
  let_b_catch_up();
  EXPECT_EQ(times_seen(reader, "after the removal"), 0u);
}

TEST_F(GatewayInstances, WhoAsksRightAfterTheRemovalElsewhereIsShownAndCountedNothing) {
  begin_both();
  write("old");
  auto& reader = connect_to(b, bob);
  EXPECT_EQ(events_for(reader, group_messages), 1u);
  b.store.news_withheld = true;
  remove_bob();
  EXPECT_EQ(events_for(reader, group_messages), 0u);
}

TEST_F(GatewayInstances, NorDoesACountTellHowMuchThereIs) {
  begin_both();
  write("old");
  auto& reader = connect_to(b, bob);
  EXPECT_THAT(count(reader, group_messages), HasSubstr(R"("count":1)"));
  b.store.news_withheld = true;
  remove_bob();
  EXPECT_THAT(count(reader, group_messages), HasSubstr(R"("count":0)"));
}

TEST_F(GatewayInstances, NorIsTheRestShownOfWhatWasReadBeforeTheRemoval) {
  options_.limits.send_queue_high_water_bytes = 1;
  begin_both();
  for (const char* text : {"1", "2", "3", "4"}) write(text);
  auto& reader = connect_to(b, bob);
  (void)reader.received();
  b.store.news_withheld = true;
  (void)send(reader, R"(["REQ","slow",)" + group_messages + "]");
  ASSERT_TRUE(eventually([&] { return !reader.session->outgoing().empty(); }));
  remove_bob();
  const auto sent = reader.session->outgoing().messages().size();
  ASSERT_LT(sent, 4u);
  EXPECT_FALSE(await(reader, "EOSE").empty());
  EXPECT_EQ(times_seen(reader, "[\"EVENT\",\"slow\""), sent);
}

TEST_F(GatewayInstances, NorDoesAReconciliationGoOn) {
  begin_both();
  write("old");
  auto& reader = connect_to(b, bob);
  const auto first = negentropy::initiate(negentropy::Items());
  const auto hex = base::to_hex(std::span<const std::uint8_t>(first));
  (void)send(reader, R"(["NEG-OPEN","n",)" + group_messages + ",\"" + hex + "\"]");
  EXPECT_THAT(await(reader, "[\"NEG-"), HasSubstr("NEG-MSG"));
  (void)send(reader, R"(["NEG-MSG","n",")" + hex + "\"]");
  EXPECT_THAT(await(reader, "[\"NEG-"), HasSubstr("NEG-MSG"));
  b.store.news_withheld = true;
  remove_bob();
  (void)send(reader, R"(["NEG-MSG","n",")" + hex + "\"]");
  EXPECT_THAT(await(reader, "[\"NEG-"), HasSubstr(R"("closed: what you may read has changed)"));
}

TEST_F(GatewayInstances, AMemberWhoIsAddedAnywhereReadsAtOnce) {
  begin_both();
  write("old");
  auto& reader = connect_to(b, carol);
  b.store.news_withheld = true;
  EXPECT_EQ(events_for(reader, group_messages), 0u);
  ASSERT_THAT(order("add", carol), HasSubstr(",true,\"\""));
  EXPECT_EQ(events_for(reader, group_messages), 1u);
}

TEST_F(GatewayInstances, ALossOfTrackForgetsMembershipsThatItMayHaveMissedTheEndOf) {
  begin_both();
  auto& reader = connect_to(b, bob);
  (void)request(reader, "live", group_messages);
  b.store.news_withheld = true;
  remove_bob();
  b.store.lose_track = true;
  b.store.wake();
  ASSERT_TRUE(eventually([&] { return reader.closed_with == 1012; }));
  ASSERT_TRUE(eventually([&] { return !b.worker->horizon().lost(); }));
  write("after the loss");
  let_b_catch_up();
  EXPECT_EQ(times_seen(reader, "after the loss"), 0u) << "though its socket is not gone yet";
  EXPECT_EQ(events_for(connect_to(b, bob), group_messages), 0u);
  EXPECT_EQ(events_for(connect_to(b, alice), group_messages), 1u);
}

TEST_F(GatewayInstances, ALossOfTrackReadsUpgradedGroupsAnew) {
  begin(a, gateway({}, log_));
  begin(b, gateway({}, log_));
  admin_ = &connect_to(a, alice);
  ASSERT_THAT(publish(*admin_, one_time, 445, {{"h", "g"}}, "capability"), HasSubstr(",true,"));
  EXPECT_EQ(events_for(connect_to(b), group_messages), 1u);
  b.store.news_withheld = true;
  ASSERT_THAT(order("bootstrap", bob), HasSubstr(",true,\"\""));
  b.store.lose_track = true;
  b.store.wake();
  ASSERT_TRUE(eventually([&] { return b.worker->horizon().losses() == 1; }));
  ASSERT_TRUE(eventually([&] { return !b.worker->horizon().lost(); }));
  EXPECT_EQ(events_for(connect_to(b, mallory), group_messages), 0u);
}

/// The gateway's half of a worker, on a store that it is lent the contact to.
class GatewayContact : public test::GatewayFixture {
 protected:
  using Clock = relay::StoreContact::Clock;

  void SetUp() override {
    start_gateway();
    found_group();
    attached_ = extensions_.front()->attach({.rows = store_,
                                             .operations = operations_,
                                             .executor = context_.get_executor(),
                                             .contact = contact_});
    ASSERT_TRUE(run(passes(attached_->on_auth(alice.key()))));
    (void)publish(connect_as(alice), one_time, 445, {{"h", "g"}}, "x");
    filter_.tags = {{'h', {"g"}}};
    auto page = run(store_.query({.filter = filter_, .after = {}, .up_to = {}}));
    ASSERT_TRUE(page);
    for (auto& stored : page->events)
      if (stored.event->kind == 445) message_ = stored;
    ASSERT_TRUE(message_.event);
  }
  static boost::asio::awaitable<bool> passes(boost::asio::awaitable<relay::Verdict> decision) {
    const relay::Verdict verdict = co_await std::move(decision);
    co_return !verdict.denied();
  }
  bool may_read() { return attached_->may_read(message_, viewer_, filter_); }
  bool undecided() { return attached_->undecided(message_, viewer_); }

  struct NoOperations final : relay::Operations {
    boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> perform(
        store::OperationPtr) override {
      co_return std::unexpected("error: none here");
    }
  };

  NoOperations operations_;
  const std::shared_ptr<relay::StoreContact> contact_ = std::make_shared<relay::StoreContact>();
  std::unique_ptr<relay::WorkerExtension> attached_;
  const nostr::Viewer viewer_{{alice.key()}};
  nostr::Filter filter_;
  store::StoredEvent message_;
};

TEST_F(GatewayContact, NothingOfGroupsIsShownWhileTheStoreWasNotHeardFromForTooLong) {
  EXPECT_TRUE(may_read());
  EXPECT_FALSE(undecided());
  contact_->heard(Clock::now() - std::chrono::seconds(59));
  EXPECT_TRUE(may_read());
  contact_->heard(Clock::now() - std::chrono::seconds(61));
  EXPECT_FALSE(may_read());
  EXPECT_TRUE(undecided()) << "a page must not lack it silently";
  contact_->heard(Clock::now());
  EXPECT_TRUE(may_read());
}

}  // namespace
