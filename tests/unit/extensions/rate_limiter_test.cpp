// [extensions.rate_limiter]: what clients may do in a while.
#include <fmt/format.h>

#include "extensions/rate_limiter/extension.h"
#include "unit/extensions/addresses.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::rate_limiter::Config;
using extensions::rate_limiter::RateLimiter;
using test::address;
using test::Client;
using testing::HasSubstr;

class RateLimiterTest : public test::RelayFixture {
 protected:
  void limit(const Config& config) {
    limiter_ = std::make_shared<RateLimiter>(config);
    start({limiter_});
  }
  void reload(const Config& config) {
    limiter_->configure(config);
    worker_->reload(options_);
  }
  std::string publish(Client& client, const test::Signer& author, int kind = 1,
                      const test::TagList& tags = {}) {
    return RelayFixture::publish(client,
                                 author.sign(kind, tags, fmt::format("{}", ++written_), now_));
  }
  Client& connect_as(const test::Signer& signer) {
    auto& client = connect();
    EXPECT_THAT(authenticate(client, signer), taken);
    return client;
  }
  std::string ask(Client& client) { return request(client, "q", "{\"limit\":1}").back(); }

  const testing::Matcher<std::string> taken = HasSubstr(",true,\"\"");
  const testing::Matcher<std::string> limited = HasSubstr(",false,\"rate-limited: ");
  const test::Signer alice{1}, bob{2};

 private:
  std::shared_ptr<RateLimiter> limiter_;
  int written_ = 0;
};

TEST_F(RateLimiterTest, WithoutRulesNothingIsCounted) {
  limit({});
  auto& client = connect();
  for (int i = 0; i < 50; ++i) EXPECT_THAT(publish(client, alice), taken);
}

TEST_F(RateLimiterTest, TheReasonSaysHowLongToWaitAndThatIsEnough) {
  limit({.rules = {"events: 2/minute per key"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice), taken);
  EXPECT_THAT(publish(client, alice), taken);
  EXPECT_THAT(publish(client, alice), HasSubstr("; try again in 30 s\""));
  now_ = now + 29;
  EXPECT_THAT(publish(client, alice), HasSubstr("; try again in 1 s\""));
  now_ = now + 30;
  EXPECT_THAT(publish(client, alice), taken);
  EXPECT_THAT(publish(client, alice), limited);
}

TEST_F(RateLimiterTest, AProvedKeyHasOneBudgetOnAllItsConnections) {
  limit({.rules = {"events: 1/minute per key"}});
  EXPECT_THAT(publish(connect_as(alice), alice), taken);
  EXPECT_THAT(publish(connect_as(alice), bob), limited);
  EXPECT_THAT(publish(connect_as(bob), alice), taken);
  EXPECT_THAT(publish(connect(), alice), taken) << "without a key the address pays";
  EXPECT_THAT(publish(connect(), alice), limited);
}

TEST_F(RateLimiterTest, AnAddressPaysForAllItsKeysAndAnIpv6NetworkIsOneClient) {
  limit({.rules = {"events: 1/minute per address"}});
  EXPECT_THAT(publish(connect(address("2001:db8::1")), alice), taken);
  EXPECT_THAT(publish(connect(address("2001:db8::2")), bob), limited);
  EXPECT_THAT(publish(connect(address("2001:db8:0:1::1")), bob), taken);
  EXPECT_THAT(publish(connect(address("192.0.2.1")), bob), taken);
  EXPECT_THAT(publish(connect(address("192.0.2.2")), bob), taken);
}

TEST_F(RateLimiterTest, AnAuthorPaysWhoeverBringsTheEvent) {
  limit({.rules = {"events: 1/minute per author"}});
  EXPECT_THAT(publish(connect(address("192.0.2.1")), alice), taken);
  EXPECT_THAT(publish(connect(address("192.0.2.2")), alice), limited);
  EXPECT_THAT(publish(connect(address("192.0.2.2")), bob), taken);
}

TEST_F(RateLimiterTest, ARecipientIsFloodedByNobody) {
  limit({.rules = {"kinds 1059: 1/minute per #p"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice, 1059, {{"p", alice.hex()}}), taken);
  EXPECT_THAT(publish(client, bob, 1059, {{"p", alice.hex()}}), limited);
  EXPECT_THAT(publish(client, bob, 1059, {{"p", bob.hex()}}), taken);
  EXPECT_THAT(publish(client, bob, 1, {{"p", alice.hex()}}), taken);
  EXPECT_THAT(publish(client, bob, 1059), taken) << "the rule does not fit without the tag";
}

TEST_F(RateLimiterTest, KindsAreCountedApart) {
  limit({.rules = {"kinds 1,7: 1/minute per key", "kinds 30000-39999: 2/minute per key"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice, 1), taken);
  EXPECT_THAT(publish(client, alice, 7), limited);
  EXPECT_THAT(publish(client, alice, 4), taken);
  EXPECT_THAT(publish(client, alice, 30001, {{"d", "a"}}), taken);
  EXPECT_THAT(publish(client, alice, 30001, {{"d", "b"}}), taken);
  EXPECT_THAT(publish(client, alice, 30001, {{"d", "c"}}), limited);
}

TEST_F(RateLimiterTest, WhatOneRuleRefusesIsChargedByNone) {
  limit({.rules = {"kinds 1: 1/minute per key", "events: 2/minute per key"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice, 1), taken);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(publish(client, alice, 1), limited);
  EXPECT_THAT(publish(client, alice, 4), taken);
  EXPECT_THAT(publish(client, alice, 4), limited);
}

TEST_F(RateLimiterTest, RequestsAndCountsShareABudgetApartFromEvents) {
  limit({.rules = {"reqs: 2/minute per address"}});
  auto& client = connect();
  EXPECT_THAT(ask(client), HasSubstr("EOSE"));
  EXPECT_THAT(count(client, "{}"), HasSubstr("[\"COUNT\""));
  EXPECT_THAT(ask(client), HasSubstr("[\"CLOSED\",\"q\",\"rate-limited: "));
  EXPECT_THAT(count(client, "{}"), HasSubstr("[\"CLOSED\",\"n\",\"rate-limited: "));
  EXPECT_THAT(publish(client, alice), taken);
  EXPECT_THAT(ask(connect(address("192.0.2.1"))), HasSubstr("EOSE"));
}

TEST_F(RateLimiterTest, AuthAttemptsAreCountedWhetherTheyHoldOrNot) {
  limit({.rules = {"auths: 2/minute per address"}});
  auto& client = connect();
  EXPECT_THAT(authenticate(client, alice, "ws://elsewhere"), HasSubstr(",false,"));
  EXPECT_THAT(authenticate(client, alice), taken);
  EXPECT_THAT(authenticate(client, bob), limited);
  EXPECT_THAT(authenticate(connect(address("192.0.2.1")), bob), taken);
}

TEST_F(RateLimiterTest, ConnectionsAreClosedWhenThereAreTooMany) {
  limit({.rules = {"connections: 2/minute per address"}});
  EXPECT_EQ(connect().closed_with, 0);
  EXPECT_EQ(connect().closed_with, 0);
  EXPECT_EQ(connect().closed_with, 1008);
  EXPECT_EQ(connect(address("192.0.2.1")).closed_with, 0);
}

TEST_F(RateLimiterTest, AReloadIsNoConnection) {
  limit({.rules = {"connections: 1/minute per address"}});
  auto& client = connect();
  for (int i = 0; i < 3; ++i) worker_->reload(options_);
  EXPECT_EQ(client.closed_with, 0);
}

TEST_F(RateLimiterTest, ExemptAddressesAndKeysPayNothing) {
  limit({.rules = {"events: 1/hour per relay"},
         .exempt_addresses = {"192.0.2.0/24"},
         .exempt_pubkeys = {alice.hex()}});
  EXPECT_THAT(publish(connect(), bob), taken);
  EXPECT_THAT(publish(connect(), bob), limited);
  EXPECT_THAT(publish(connect(), alice), taken);
  EXPECT_THAT(publish(connect_as(alice), bob), taken);
  EXPECT_THAT(publish(connect(address("192.0.2.9")), bob), taken);
  EXPECT_THAT(publish(connect(address("192.0.3.9")), bob), limited);
}

TEST_F(RateLimiterTest, NewRulesHoldOnOpenConnectionsAndOldOnesKeepWhatWasSpent) {
  limit({.rules = {"kinds 1: 1/hour per key"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice, 1), taken);
  reload({.rules = {"kinds 4: 1/hour per key", "kinds 1: 1/hour per key"}});
  EXPECT_THAT(publish(client, alice, 1), limited);
  EXPECT_THAT(publish(client, alice, 4), taken);
  EXPECT_THAT(publish(client, alice, 4), limited);
  reload({});
  EXPECT_THAT(publish(client, alice, 1), taken);
}

}  // namespace
