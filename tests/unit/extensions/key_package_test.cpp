// Key packages that are shared: who publishes and reads them, how many an owner keeps, what they may hold.
#include "unit/extensions/gateway_fixture.h"

namespace {

using test::TagList;
using KeyPackages = test::GatewayFixture;

TEST_F(KeyPackages, KeyPackagesWithAnOwnerNeedItsProofAndAuthenticatedReaders) {
  start_gateway({.keypackage_validation = "off"});
  const TagList tags{{"p", bob.hex()}, {"kpr", "ref"}};
  EXPECT_THAT(publish(connect(), bob, 443, tags), testing::HasSubstr("false,\"auth-required:"));
  EXPECT_THAT(publish(connect_as(mallory), bob, 443, tags),
              testing::HasSubstr("false,\"restricted:"));
  EXPECT_THAT(publish(connect_as(bob), bob, 443, tags), testing::HasSubstr(",true,"));
  EXPECT_EQ(events_for(connect_as(alice), R"({"kinds":[443]})"), 1u);
  EXPECT_EQ(events_for(connect(), R"({"kinds":[443]})"), 0u);
}

TEST_F(KeyPackages, AKeyReferenceIsUsedOnceWhileItLives) {
  start_gateway({.keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  const std::string first = bob.sign(443, {{"p", bob.hex()}, {"kpr", "ref"}}, "1", now);
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,\"\""));
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,\"duplicate:"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "ref"}}, "2"),
              testing::HasSubstr("false,\"invalid: this key package or its reference was used"));
}

TEST_F(KeyPackages, DeletedPackagesMakeRoomInTheSameCommit) {
  start_gateway({.max_keypackages_per_user = 1, .keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  const std::string first = bob.sign(443, {{"p", bob.hex()}, {"kpr", "1"}}, "1", now);
  EXPECT_THAT(RelayFixture::publish(owner, first), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "2"}}),
              testing::HasSubstr("false,\"blocked:"));
  EXPECT_THAT(publish(owner, bob, 5, {{"e", first.substr(7, 64)}}), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}, {"kpr", "2"}}),
              testing::HasSubstr(",true,"));
}

TEST_F(KeyPackages, ExpiredPackagesStopCountingAtOnce) {
  start_gateway(
      {.keypackage_ttl = 10, .max_keypackages_per_user = 1, .keypackage_validation = "off"});
  auto& owner = connect_as(bob);
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "1"), testing::HasSubstr(",true,"));
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "2"),
              testing::HasSubstr("false,\"blocked:"));
  now_ = now + 11;
  EXPECT_THAT(publish(owner, bob, 443, {{"p", bob.hex()}}, "3"), testing::HasSubstr(",true,"));
}

TEST_F(KeyPackages, StrictValidationRefusesWhatIsNoKeyPackage) {
  start_gateway({.keypackage_validation = "strict"});
  EXPECT_THAT(publish(connect_as(bob), bob, 443, {{"p", bob.hex()}}, "AAAA"),
              testing::HasSubstr("false,\"invalid: key package:"));
}

TEST_F(KeyPackages, LoggedValidationTakesIt) {
  start_gateway();
  EXPECT_THAT(publish(connect_as(bob), bob, 443, {{"p", bob.hex()}}, "AAAA"),
              testing::HasSubstr(",true,"));
}

}  // namespace
