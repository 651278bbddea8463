// [extensions.access]: allow and deny lists.
#include <fmt/format.h>

#include "extensions/access/extension.h"
#include "unit/extensions/addresses.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::access::Access;
using extensions::access::Config;
using test::address;
using test::Client;
using testing::HasSubstr;

class AccessTest : public test::RelayFixture {
 protected:
  void admit(const Config& config) {
    access_ = std::make_shared<Access>(config);
    start({access_});
  }
  void reload(const Config& config) {
    access_->configure(config);
    worker_->reload(options_);
  }
  std::string publish(Client& client, const test::Signer& author, int kind = 1) {
    return RelayFixture::publish(client,
                                 author.sign(kind, {}, fmt::format("{}", ++written_), now_));
  }
  int closed(std::string_view from) { return connect(address(from)).closed_with; }

  const testing::Matcher<std::string> taken = HasSubstr(",true,\"\"");
  const test::Signer alice{1}, bob{2}, one_time{9};

 private:
  std::shared_ptr<Access> access_;
  int written_ = 0;
};

TEST_F(AccessTest, WithoutListsEverybodyIsAdmitted) {
  admit({});
  EXPECT_EQ(closed("192.0.2.1"), 0);
  EXPECT_THAT(publish(connect(), alice), taken);
}

TEST_F(AccessTest, TheAllowListAdmitsByAuthorOrProvedKeyAndLeavesReadingOpen) {
  admit({.allow_pubkeys = {alice.hex()}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice), taken) << "without AUTH, by its author alone";
  EXPECT_THAT(publish(client, bob), HasSubstr(",false,\"auth-required: "));
  EXPECT_THAT(request(client, "q", "{}").back(), HasSubstr("EOSE"));
  EXPECT_THAT(authenticate(client, bob), taken);
  EXPECT_THAT(publish(client, bob), HasSubstr(",false,\"restricted: "));
  EXPECT_THAT(authenticate(client, alice), taken);
  EXPECT_THAT(publish(client, one_time), taken);
}

TEST_F(AccessTest, OpenKindsAreForEverybody) {
  admit({.allow_pubkeys = {alice.hex()}, .open_kinds = {"445", "1059"}});
  EXPECT_THAT(publish(connect(), one_time, 445), taken);
  EXPECT_THAT(publish(connect(), one_time, 1059), taken);
  EXPECT_THAT(publish(connect(), one_time, 1), HasSubstr(",false,"));
}

TEST_F(AccessTest, WhereAuthIsOffNobodyIsAskedForIt) {
  admit({.allow_pubkeys = {alice.hex()}, .auth_offered = false});
  EXPECT_THAT(publish(connect(), bob), HasSubstr(",false,\"restricted: "));
}

TEST_F(AccessTest, ADeniedKeyNeitherPublishesNorIsProvedEvenIfItIsAllowedToo) {
  admit({.allow_pubkeys = {alice.hex()}, .deny_pubkeys = {alice.hex()}, .open_kinds = {"7"}});
  auto& client = connect();
  EXPECT_THAT(publish(client, alice), HasSubstr(",false,\"blocked: "));
  EXPECT_THAT(publish(client, alice, 7), HasSubstr(",false,\"blocked: "));
  EXPECT_THAT(authenticate(client, alice), HasSubstr(",false,\"blocked: "));
  EXPECT_THAT(publish(client, one_time), HasSubstr(",false,\"auth-required: "));
}

TEST_F(AccessTest, KindsAreAllowedAndDenied) {
  admit({.allow_kinds = {"0-9", "1059"}, .deny_kinds = {"4"}});
  auto& client = connect();
  for (const int kind : {0, 1, 9, 1059}) EXPECT_THAT(publish(client, alice, kind), taken) << kind;
  for (const int kind : {4, 10, 1060})
    EXPECT_THAT(
        publish(client, alice, kind),
        HasSubstr(fmt::format(",false,\"blocked: this relay does not take kind {}\"", kind)));
}

TEST_F(AccessTest, DeniedAddressesAreClosed) {
  admit({.deny_addresses = {"192.0.2.0/24", "2001:db8::/32"}});
  EXPECT_EQ(closed("192.0.2.7"), 1008);
  EXPECT_EQ(closed("2001:db8::1"), 1008);
  EXPECT_EQ(closed("192.0.3.7"), 0);
}

TEST_F(AccessTest, OnlyAllowedAddressesConnectAndADenialWins) {
  admit({.allow_addresses = {"192.0.2.0/24"}, .deny_addresses = {"192.0.2.66"}});
  EXPECT_EQ(closed("192.0.2.7"), 0);
  EXPECT_EQ(closed("192.0.2.66"), 1008);
  EXPECT_EQ(closed("192.0.3.7"), 1008);
}

TEST_F(AccessTest, AReloadEndsConnectionsOfDeniedAddressesAndKeys) {
  admit({});
  auto& denied = connect(address("192.0.2.7"));
  auto& other = connect(address("192.0.3.7"));
  auto& alices = connect();
  EXPECT_THAT(authenticate(alices, alice), taken);
  reload({.deny_pubkeys = {alice.hex()}, .deny_kinds = {"4"}, .deny_addresses = {"192.0.2.7"}});
  EXPECT_EQ(denied.closed_with, 1008);
  EXPECT_EQ(alices.closed_with, 1008);
  EXPECT_EQ(other.closed_with, 0);
  EXPECT_THAT(publish(other, bob, 4), HasSubstr(",false,\"blocked: "));
  EXPECT_THAT(publish(other, bob, 1), taken);
}

TEST_F(AccessTest, ListsOfWhoMayWriteAreAnnounced) {
  EXPECT_FALSE(Access({}).restricts_writes());
  EXPECT_FALSE(Access({.deny_pubkeys = {alice.hex()}}).restricts_writes());
  EXPECT_TRUE(Access({.allow_pubkeys = {alice.hex()}}).restricts_writes());
  EXPECT_TRUE(Access({.allow_kinds = {"445"}}).restricts_writes());
}

}  // namespace
