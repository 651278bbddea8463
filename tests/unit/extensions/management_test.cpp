// [management]: NIP-86 on a relay without sockets.
#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "extensions/management/call.h"
#include "extensions/management/extension.h"
#include "nostr/nip98.h"
#include "support/await.h"
#include "support/event_builder.h"
#include "unit/extensions/addresses.h"
#include "unit/relay/relay_fixture.h"

namespace {

using namespace extensions::management;
using test::Client;
using testing::HasSubstr;

/// Lets an AUTH wait until it is told to go on.
class Slow final : public relay::Extension {
 public:
  class Worker final : public relay::WorkerExtension {
   public:
    explicit Worker(boost::asio::steady_timer& until) : until_(until) {}
    boost::asio::awaitable<relay::Verdict> on_auth(const nostr::PublicKey&) override {
      boost::system::error_code woken;
      co_await until_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      co_return relay::Verdict::pass();
    }

   private:
    boost::asio::steady_timer& until_;
  };

  explicit Slow(boost::asio::steady_timer& until) : until_(until) {}
  std::string_view name() const override { return "slow"; }
  relay::Phases phases() const override { return relay::Phase::on_auth; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override {
    return std::make_unique<Worker>(until_);
  }

 private:
  boost::asio::steady_timer& until_;
};

class ManagementTest : public test::RelayFixture {
 protected:
  relay::Extensions extensions() {
    Config config;
    config.admin_keys = {operator_key.hex()};
    return {std::make_shared<Management>(config, log_)};
  }
  void manage(relay::Extensions more = {}) {
    auto all = extensions();
    all.insert(all.end(), more.begin(), more.end());
    start(all);
    worker_->reload(options_);
  }

  relay::HttpRequest signed_call_by(int key, const std::string& method,
                                    const std::vector<std::string>& params) {
    relay::HttpRequest request;
    request.method = "POST";
    request.path = "/";
    request.body = write_call(method, params);
    const nostr::HttpCall signed_call{
        .method = "POST", .path = {}, .query = {}, .body = request.body};
    const auto signer = nostr::Signer::parse(fmt::format("{:064x}", key)).value();
    request.headers = {
        {"content-type", "application/nostr+json+rpc"},
        {"authorization", nostr::http_authorization(signer, "ws://relay.test", signed_call, now_)}};
    return request;
  }
  std::string answer_to(relay::HttpRequest request) {
    const auto routes = worker_->routes();
    const auto route = std::ranges::find(routes, "/", &relay::HttpRoute::path);
    return run(route->handler(std::move(request))).body;
  }
  /// The body of the answer to a call of the operator.
  std::string call(const std::string& method, const std::vector<std::string>& params) {
    return answer_to(signed_call_by(1, method, params));
  }
  std::string publish(Client& client, const test::Signer& author, int kind = 1) {
    return RelayFixture::publish(client,
                                 author.sign(kind, {}, fmt::format("{}", ++written_), now_));
  }

  static constexpr auto done = R"({"result":true})";
  const testing::Matcher<std::string> taken = HasSubstr(",true,\"\"");
  const test::Signer operator_key{1}, alice{2}, bob{3};

 private:
  int written_ = 0;
};

TEST_F(ManagementTest, NothingIsRememberedOfStrangers) {
  manage();
  const auto request = signed_call_by(2, "supportedmethods", {});
  for (int n = 0; n < 2; ++n) EXPECT_THAT(answer_to(request), HasSubstr("\"forbidden\""));
  const auto own = signed_call_by(1, "supportedmethods", {});
  EXPECT_THAT(answer_to(own), HasSubstr("banpubkey"));
  EXPECT_THAT(answer_to(own), HasSubstr("used already"));
}

TEST_F(ManagementTest, CallersElsewhereDoNotShutTheOperatorOut) {
  manage();
  nostr::EventId id;
  for (std::uint32_t n = 0; n < 100'000; ++n) {
    std::memcpy(id.bytes.data(), &n, sizeof n);
    (void)options_.used_http_auths->use(id, now_, now_ + 60);
  }
  EXPECT_THAT(call("supportedmethods", {}), HasSubstr("banpubkey"));
}

TEST_F(ManagementTest, ABanClosesWhoIsConnectedAndHoldsAfterARestart) {
  manage();
  auto& alices = connect();
  auto& other = connect();
  EXPECT_THAT(authenticate(alices, alice), taken);
  EXPECT_EQ(call("banpubkey", {alice.hex(), "why"}), done);
  EXPECT_EQ(alices.closed_with, 1008);
  EXPECT_EQ(other.closed_with, 0);
  restart(extensions());
  EXPECT_THAT(publish(connect(), alice), HasSubstr(",false,\"blocked: "));
  EXPECT_THAT(publish(connect(), bob), taken);
}

TEST_F(ManagementTest, AProofThatWaitedWhileTheKeyWasBannedIsWorthNothing) {
  boost::asio::steady_timer until(context_, boost::asio::steady_timer::time_point::max());
  manage({std::make_shared<Slow>(until)});
  auto& client = connect();
  (void)client.received();
  const std::string challenge = client.all.front().substr(9, client.all.front().size() - 11);
  (void)send(client, "[\"AUTH\"," +
                         alice.sign(22242, {{"relay", "ws://relay.test"}, {"challenge", challenge}},
                                    "", now_) +
                         "]");
  EXPECT_EQ(call("banpubkey", {alice.hex()}), done);
  EXPECT_EQ(client.closed_with, 0) << "it has proved nothing yet";
  until.cancel();
  context_.restart();
  context_.poll();
  EXPECT_EQ(client.closed_with, 1008);
}

TEST_F(ManagementTest, WhatPassedEveryCheckBeforeABanIsRefusedByTheCommit) {
  manage();
  const auto banned_event = test::EventBuilder(7).by(9).build();
  call("banpubkey", {alice.hex()});
  call("banevent", {base::to_hex(banned_event->id)});
  const auto outcome = [&](const nostr::EventPtr& event, const nostr::PublicKey& proved) {
    auto viewer = std::make_shared<nostr::Viewer>();
    viewer->keys.push_back(proved);
    store::Write write;
    write.event = event;
    write.viewer = viewer;
    return test::await(store_.append({&write, 1}, *staging_))->results[0].outcome;
  };
  auto by_alice = *test::EventBuilder(1).build();
  by_alice.pubkey = alice.key();
  using store::Outcome;
  EXPECT_EQ(outcome(std::make_shared<nostr::Event>(by_alice), bob.key()), Outcome::refused);
  EXPECT_EQ(outcome(test::EventBuilder(2).by(9).build(), alice.key()), Outcome::refused);
  EXPECT_EQ(outcome(banned_event, bob.key()), Outcome::refused);
  EXPECT_EQ(outcome(test::EventBuilder(3).by(9).build(), bob.key()), Outcome::accepted);
}

TEST_F(ManagementTest, ABannedEventTakesItsPlaceFree) {
  manage();
  auto& client = connect();
  const auto profile = alice.sign(0, {}, "first", now_);
  EXPECT_THAT(RelayFixture::publish(client, profile), taken);
  EXPECT_EQ(call("banevent", {profile.substr(7, 64)}), done);
  EXPECT_THAT(RelayFixture::publish(client, alice.sign(0, {}, "older", now_ - 10)), taken);
  EXPECT_THAT(RelayFixture::publish(client, profile), HasSubstr(",false,\"blocked: "));
}

TEST_F(ManagementTest, KindsComeAndGo) {
  manage();
  auto& client = connect();
  EXPECT_EQ(call("allowkind", {"1"}), done);
  EXPECT_THAT(publish(client, alice, 7), HasSubstr("does not take kind 7"));
  EXPECT_EQ(call("disallowkind", {"1"}), done);
  EXPECT_THAT(publish(client, alice, 1), HasSubstr("does not take kind 1"));
  EXPECT_THAT(publish(client, alice, 7), taken) << "no list of allowed ones is left";
  EXPECT_EQ(call("allowkind", {"1"}), done);
  EXPECT_THAT(publish(client, alice, 1), taken);
  EXPECT_THAT(publish(client, alice, 7), taken) << "taking back a prohibition begins no list";
}

TEST(ManagementCall, IsWrittenAsItIsRead) {
  EXPECT_EQ(write_call("banpubkey", {"00ff", "a \"b\""}),
            R"({"method":"banpubkey","params":["00ff","a \"b\""]})");
  EXPECT_EQ(write_call("allowkind", {"01"}), R"({"method":"allowkind","params":[1]})");
  EXPECT_EQ(write_call("banpubkey", {"12345"}), R"({"method":"banpubkey","params":["12345"]})");
  const auto call = parse_call(R"({"id":1,"method":"x","params":[null,"a",-5]})");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "x");
  EXPECT_EQ(call->params, (Params{std::monostate{}, std::string("a"), std::int64_t{-5}}));
  EXPECT_EQ(parse_call(R"({"method":"x"})")->params, Params{});
}

TEST(ManagementRows, SayWhatTheyAre) {
  const auto network = *base::parse_ip_network("192.0.2.7/24");
  const auto key = row_key(List::blocked_addresses, item_of(network));
  const auto entry = parse_row_key(key);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->list, List::blocked_addresses);
  EXPECT_EQ(base::cidr_text(read_network(entry->item).value()), "192.0.2.0/24");
  EXPECT_EQ(read_kind(item_of(nostr::Kind{30'443})), 30'443);
  for (const char* strange : {"", "management/", "management/b", "management/x/1", "access/b/1"})
    EXPECT_FALSE(parse_row_key(strange)) << strange;
  EXPECT_FALSE(read_bytes("short"));
  EXPECT_FALSE(read_network(std::string(16, '\0') + '\xff'));
}

TEST(ManagementBoard, KeepsTheNewestCommitHoweverLateAnotherWorkerComes) {
  Board board;
  std::vector<std::string> told;
  board.tell([&](const Announcement& now) { told.push_back(now.name); });
  board.post(5, {.name = "second"});
  board.post(4, {.name = "first"});
  board.post(5, {.name = "second"});
  board.post(6, {});
  EXPECT_EQ(told, (std::vector<std::string>{"", "second", ""}));
}

}  // namespace
