// Budgets of those who write (`rate_limits`): per proved key, per address, per group.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::Client;
using testing::HasSubstr;

base::IpAddress ipv6(std::uint8_t network, std::uint8_t host) {
  base::IpAddress address;
  address.value.bytes[0] = 0x20;
  address.value.bytes[7] = network;
  address.value.bytes[15] = host;
  return address;
}

base::IpAddress ipv4(std::uint8_t last) {
  base::IpAddress address;
  address.value.bytes[10] = address.value.bytes[11] = 0xff;
  address.value.bytes[12] = 192;
  address.value.bytes[15] = last;
  return address;
}

class EventBudgets : public test::GatewayFixture {
 protected:
  void limit(extensions::mls_gateway::RateLimits limits) {
    start_gateway({.keypackage_validation = "off", .rate_limits = limits});
  }
  /// An event that is charged, each one another.
  std::string wrap(Client& client) {
    return publish(client, one_time, 1059, {{"p", bob.hex()}}, fmt::format("{}", ++written_));
  }
  std::string message(Client& client, const std::string& group) {
    return publish(client, one_time, 445, {{"h", group}}, fmt::format("{}", ++written_));
  }

  const testing::Matcher<std::string> taken = HasSubstr(",true,\"\"");
  const testing::Matcher<std::string> limited = HasSubstr("false,\"rate-limited:");

 private:
  int written_ = 0;
};

TEST_F(EventBudgets, AProvedKeyHasOneBudgetOnAllItsConnections) {
  limit({.max_events_per_minute = 2});
  EXPECT_THAT(wrap(connect_as(alice)), taken);
  EXPECT_THAT(wrap(connect_as(alice)), taken);
  EXPECT_THAT(wrap(connect_as(alice)), limited);
  EXPECT_THAT(wrap(connect_as(bob)), taken);
}

TEST_F(EventBudgets, TheReasonSaysHowLongToWaitAndThatIsEnough) {
  limit({.max_events_per_minute = 2});
  auto& client = connect_as(alice);
  (void)wrap(client);
  (void)wrap(client);
  EXPECT_THAT(wrap(client), HasSubstr("\"rate-limited: too many events of this kind; wait 30 sec"));
  now_ = now + 29;
  EXPECT_THAT(wrap(client), HasSubstr("wait 1 sec"));
  now_ = now + 30;
  EXPECT_THAT(wrap(client), taken);
  EXPECT_THAT(wrap(client), limited);
}

TEST_F(EventBudgets, AnAnonymousIpv6NetworkIsOneClient) {
  limit({.max_events_per_minute = 2});
  EXPECT_THAT(wrap(connect(ipv6(1, 1))), taken);
  EXPECT_THAT(wrap(connect(ipv6(1, 2))), taken);
  EXPECT_THAT(wrap(connect(ipv6(1, 3))), limited);
  EXPECT_THAT(wrap(connect(ipv6(2, 1))), taken);
}

TEST_F(EventBudgets, EveryIpv4AddressIsAClientOfItsOwn) {
  limit({.max_events_per_minute = 1});
  EXPECT_THAT(wrap(connect(ipv4(1))), taken);
  EXPECT_THAT(wrap(connect(ipv4(1))), limited);
  EXPECT_THAT(wrap(connect(ipv4(2))), taken);
}

TEST_F(EventBudgets, AnonymousWritersOfOneGroupShareItsBudget) {
  limit({.max_group_messages_per_minute = 2});
  EXPECT_THAT(message(connect(ipv4(1)), "g"), taken);
  EXPECT_THAT(message(connect(ipv4(2)), "g"), taken);
  EXPECT_THAT(message(connect(ipv4(3)), "g"), limited);
  EXPECT_THAT(message(connect(ipv4(4)), "other"), taken);
  EXPECT_THAT(message(connect_as(alice), "g"), taken) << "a proved key has a budget of its own";
}

TEST_F(EventBudgets, GroupMessagesHaveALimitOfTheirOwn) {
  limit({.max_group_messages_per_minute = 1});
  auto& client = connect_as(alice);
  EXPECT_THAT(message(client, "g"), taken);
  EXPECT_THAT(message(client, "other"), limited);
  EXPECT_THAT(wrap(client), taken);
}

TEST_F(EventBudgets, KeyPackagesAreCountedByTheHour) {
  limit({.max_keypackages_per_hour = 1});
  auto& client = connect_as(alice);
  EXPECT_THAT(publish(client, alice, 443, {}, "1"), taken);
  now_ = now + 3599;
  EXPECT_THAT(publish(client, alice, 443, {}, "2"), HasSubstr("wait 1 seconds"));
  EXPECT_THAT(publish(client, alice, 30443, {{"d", ""}}), limited);
  now_ = now + 3600;
  EXPECT_THAT(publish(client, alice, 443, {}, "3"), taken);
}

TEST_F(EventBudgets, KindsThatAreNotGatedAreFree) {
  limit({.max_events_per_minute = 1});
  auto& client = connect_as(alice);
  EXPECT_THAT(wrap(client), taken);
  for (const int kind : {0, 1, 7, 10051})
    EXPECT_THAT(publish(client, alice, kind, {}), taken) << kind;
  EXPECT_THAT(wrap(client), limited);
}

TEST_F(EventBudgets, WithoutLimitsNothingIsCounted) {
  limit({});
  auto& client = connect();
  for (int i = 0; i < 50; ++i) EXPECT_THAT(message(client, "g"), taken);
}

}  // namespace
