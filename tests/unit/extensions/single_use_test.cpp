// Key packages for single use: each is handed out once, consumed before it is sent.
#include "unit/extensions/gateway_fixture.h"
#include "unit/mls/vectors.h"

namespace {

using test::Client;
using test::Signer;
using testing::HasSubstr;

class SingleUse : public test::GatewayFixture {
 protected:
  void SetUp() override { start_with({}); }

  void start_with(Config config) {
    config.keypackage_delivery = "single_use";
    config.keypackage_validation = "off";
    start_gateway(std::move(config));
  }

  std::string package(const Signer& owner, std::string_view reference,
                      std::string_view content = "00") {
    return owner.sign(443, {{"p", owner.hex()}, {"kpr", std::string(reference)}}, content, now_);
  }
  void stock(const Signer& owner, int packages) {
    auto& client = connect_as(owner);
    for (int i = 0; i < packages; ++i) {
      const auto reference = fmt::format("{} {}", owner.hex().substr(0, 8), i);
      ASSERT_THAT(RelayFixture::publish(client, package(owner, reference)),
                  HasSubstr(",true,\"\""));
    }
  }
  static std::string of(const Signer& owner) {
    return R"({"kinds":[443],"authors":[")" + owner.hex() + "\"]}";
  }
  /// What the owner still has.
  std::size_t left_of(const Signer& owner) { return events_for(connect_as(owner), of(owner)); }
};

TEST_F(SingleUse, EachRequestIsGivenOnePackageAndTakesItAway) {
  stock(bob, 3);
  auto& client = connect_as(alice);
  const auto first = events(client, of(bob)), second = events(client, of(bob));
  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(first, second);
  EXPECT_EQ(left_of(bob), 1u);
}

TEST_F(SingleUse, TwoWhoAskAtOnceAreNeverGivenTheSame) {
  stock(bob, 3);
  auto& one = connect_as(alice);
  auto& other = connect_as(carol);
  (void)send(one, "[\"REQ\",\"q\"," + of(bob) + "]");
  (void)send(other, "[\"REQ\",\"q\"," + of(bob) + "]");
  const auto first = await(one, "[\"EVENT\""), second = await(other, "[\"EVENT\"");
  EXPECT_THAT(first, HasSubstr(bob.hex()));
  EXPECT_THAT(second, HasSubstr(bob.hex()));
  EXPECT_NE(first, second);
}

TEST_F(SingleUse, TheLastPackageIsGivenAndKept) {
  stock(bob, 1);
  EXPECT_EQ(events_for(connect_as(alice), of(bob)), 1u);
  EXPECT_EQ(events_for(connect_as(carol), of(bob)), 1u);
  EXPECT_EQ(left_of(bob), 1u);
}

TEST_F(SingleUse, APackageOfLastResortIsGivenLastAndKept) {
  auto& owner = connect_as(bob);
  const auto last_resort = package(bob, "last", mls::vectors::suite_1_last_resort);
  (void)RelayFixture::publish(owner, last_resort);
  stock(bob, 2);
  auto& client = connect_as(alice);
  for (int i = 0; i < 2; ++i) {
    const auto given = events(client, of(bob));
    ASSERT_EQ(given.size(), 1u);
    EXPECT_FALSE(given.front().contains(last_resort)) << i;
  }
  for (int i = 0; i < 2; ++i) EXPECT_THAT(events(client, of(bob)).at(0), HasSubstr(last_resort));
  EXPECT_EQ(left_of(bob), 1u);
}

TEST_F(SingleUse, OfSeveralOwnersEachGivesOne) {
  stock(bob, 2);
  stock(carol, 2);
  const auto filter = R"({"kinds":[443],"#p":[")" + bob.hex() + "\",\"" + carol.hex() + "\"]}";
  EXPECT_EQ(events_for(connect_as(alice), filter), 2u);
  EXPECT_EQ(left_of(bob) + left_of(carol), 2u);
}

TEST_F(SingleUse, AuthorsAndRecipientsTogetherNameWhoIsInBoth) {
  stock(bob, 2);
  stock(carol, 2);
  const auto filter = R"({"kinds":[443],"authors":[")" + bob.hex() + "\",\"" + carol.hex() +
                      R"("],"#p":[")" + bob.hex() + "\"]}";
  EXPECT_THAT(events(connect_as(alice), filter), testing::ElementsAre(HasSubstr(bob.hex())));
  EXPECT_EQ(left_of(carol), 2u);
}

TEST_F(SingleUse, ALimitCutsBeforeAnythingIsTaken) {
  stock(bob, 2);
  stock(carol, 2);
  const auto filter = [&](int limit) {
    return fmt::format(R"({{"kinds":[443],"authors":["{}","{}"],"limit":{}}})", bob.hex(),
                       carol.hex(), limit);
  };
  EXPECT_EQ(events_for(connect_as(alice), filter(0)), 0u);
  EXPECT_EQ(left_of(bob) + left_of(carol), 4u);
  EXPECT_EQ(events_for(connect_as(alice), filter(1)), 1u);
  EXPECT_EQ(left_of(bob) + left_of(carol), 3u);
}

TEST_F(SingleUse, ARequestNamesFiftyOwnersAtMost) {
  const auto filter = [](int owners) {
    std::string list;
    for (int i = 0; i < owners; ++i) list += fmt::format("{}\"{:064x}\"", i ? "," : "", i + 1);
    return R"({"kinds":[443],"authors":[)" + list + "]}";
  };
  auto& client = connect_as(alice);
  EXPECT_THAT(request(client, "q", filter(51)).back(), HasSubstr("[\"CLOSED\",\"q\",\"blocked:"));
  EXPECT_THAT(request(client, "q", filter(50)).back(), HasSubstr("EOSE"));
}

TEST_F(SingleUse, OtherFiltersShowAndTakeNothing) {
  stock(bob, 2);
  auto& client = connect_as(alice);
  const auto by_bob = R"("authors":[")" + bob.hex() + "\"]";
  for (const std::string& filter :
       {std::string("{}"), std::string(R"({"kinds":[443]})"), "{" + by_bob + "}",
        R"({"kinds":[1,443],)" + by_bob + "}", R"({"kinds":[443],"since":1,)" + by_bob + "}",
        R"({"kinds":[443],"until":9000000000,)" + by_bob + "}",
        R"({"kinds":[443],"#t":["x"],)" + by_bob + "}"}) {
    EXPECT_EQ(events_for(client, filter), 0u) << filter;
  }
  EXPECT_EQ(left_of(bob), 2u);
}

TEST_F(SingleUse, AnonymousClientsAreGivenNothing) {
  stock(bob, 2);
  EXPECT_EQ(events_for(connect(), of(bob)), 0u);
  EXPECT_EQ(left_of(bob), 2u);
}

TEST_F(SingleUse, NewPackagesDoNotReachOpenSubscriptionsOfOthers) {
  auto& client = connect_as(alice);
  (void)request(client, "live", of(bob));
  auto& owner = connect_as(bob);
  (void)request(owner, "live", of(bob));
  (void)RelayFixture::publish(owner, package(bob, "fresh"));
  EXPECT_TRUE(has_seen(owner, "\"fresh\""));
  EXPECT_FALSE(has_seen(client, "\"fresh\""));
}

TEST_F(SingleUse, OwnersSeeAllTheirOwnAndTakeNothing) {
  stock(bob, 3);
  EXPECT_EQ(left_of(bob), 3u);
  EXPECT_EQ(left_of(bob), 3u);
}

TEST_F(SingleUse, ACountTakesNothingAndCountsOnlyOnesOwn) {
  stock(bob, 3);
  EXPECT_THAT(count(connect_as(alice), of(bob)), HasSubstr("\"count\":0"));
  EXPECT_THAT(count(connect_as(bob), of(bob)), HasSubstr("\"count\":3"));
}

TEST_F(SingleUse, TenHandOutsInAnHourAreEnough) {
  stock(bob, 1);
  auto& client = connect_as(alice);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(events_for(client, of(bob)), 1u) << i;
    now_ += 60;
  }
  EXPECT_THAT(request(client, "q", of(bob)).back(), HasSubstr("[\"CLOSED\",\"q\",\"rate-limited:"));
  EXPECT_THAT(client.all.back(), HasSubstr("wait 3000 seconds"));
  EXPECT_EQ(events_for(connect_as(carol), of(bob)), 1u) << "another requester";
  now_ = now + 3599;
  EXPECT_EQ(events_for(client, of(bob)), 0u);
  now_ = now + 3600;
  EXPECT_EQ(events_for(client, of(bob)), 1u);
  EXPECT_EQ(events_for(client, of(bob)), 0u) << "the second of the ten is a minute younger";
}

TEST_F(SingleUse, AnOwnerWhoGaveEnoughDoesNotKeepOthersFromGiving) {
  stock(bob, 1);
  stock(carol, 1);
  auto& client = connect_as(alice);
  for (int i = 0; i < 10; ++i) (void)events(client, of(bob));
  const auto filter = R"({"kinds":[443],"authors":[")" + bob.hex() + "\",\"" + carol.hex() + "\"]}";
  EXPECT_THAT(events(client, filter), testing::ElementsAre(HasSubstr(carol.hex())));
}

TEST_F(SingleUse, PackagesThatAreReusedAreNeverTaken) {
  auto& owner = connect_as(bob);
  (void)publish(owner, bob, 443, {}, "bare");
  (void)publish(owner, bob, 30443, {{"d", "1"}});
  stock(bob, 2);
  auto& client = connect_as(alice);
  EXPECT_EQ(events_for(client, of(bob)), 2u) << "the bare one, and one for a single use";
  EXPECT_EQ(events_for(client, R"({"kinds":[30443]})"), 1u);
  EXPECT_EQ(left_of(bob), 2u);
  EXPECT_EQ(events_for(connect(), R"({"kinds":[443,30443]})"), 2u);
}

class ConsumedPackage : public SingleUse {
 protected:
  void SetUp() override { start_with({.keypackage_ttl = 100, .max_keypackages_per_user = 3}); }
};

TEST_F(ConsumedPackage, IsRefusedUntilItsOwnExpiryHoweverShortTheTtl) {
  auto& owner = connect_as(bob);
  const auto with_expiry = [&](const char* reference, std::string_view content) {
    return bob.sign(443, {{"p", bob.hex()}, {"kpr", reference}, {"exp", std::to_string(now + 500)}},
                    content, now);
  };
  const auto consumed = with_expiry("used", "00");
  (void)RelayFixture::publish(owner, consumed);
  (void)RelayFixture::publish(owner, package(bob, "kept"));
  ASSERT_THAT(events(connect_as(alice), of(bob)), testing::ElementsAre(HasSubstr(consumed)));
  const auto refused = HasSubstr("false,\"invalid: this key package or its reference was used");
  for (const int later : {0, 99, 100, 499}) {
    now_ = now + later;
    EXPECT_THAT(RelayFixture::publish(owner, consumed), refused) << later;
    EXPECT_THAT(RelayFixture::publish(owner, package(bob, "used", "01")), refused) << later;
  }
  now_ = now + 500;
  EXPECT_THAT(RelayFixture::publish(owner, package(bob, "used", "02")), HasSubstr(",true,\"\""));
}

TEST_F(ConsumedPackage, ThatNeverExpiresIsRefusedForGood) {
  auto& owner = connect_as(bob);
  const auto consumed = package(bob, "used");
  (void)RelayFixture::publish(owner, consumed);
  (void)RelayFixture::publish(owner, package(bob, "kept"));
  ASSERT_THAT(events(connect_as(alice), of(bob)), testing::ElementsAre(HasSubstr(consumed)));
  now_ = now + 1'000'000;
  EXPECT_THAT(RelayFixture::publish(owner, consumed), HasSubstr("false,\"invalid:"));
  EXPECT_THAT(RelayFixture::publish(owner, package(bob, "used", "01")),
              HasSubstr("false,\"invalid:"));
}

TEST_F(ConsumedPackage, IsRefusedWithoutAReferenceToo) {
  auto& owner = connect_as(bob);
  const auto consumed = bob.sign(443, {{"p", bob.hex()}}, "00", now);
  (void)RelayFixture::publish(owner, consumed);
  (void)RelayFixture::publish(owner, package(bob, "kept"));
  ASSERT_THAT(events(connect_as(alice), of(bob)), testing::ElementsAre(HasSubstr(consumed)));
  EXPECT_THAT(RelayFixture::publish(owner, consumed),
              HasSubstr("false,\"invalid: this key package or its reference was used"));
}

TEST_F(ConsumedPackage, IsKnownAsSuchAfterARestart) {
  auto& owner = connect_as(bob);
  const auto consumed = package(bob, "used");
  (void)RelayFixture::publish(owner, consumed);
  (void)RelayFixture::publish(owner, package(bob, "kept"));
  ASSERT_THAT(events(connect_as(alice), of(bob)), testing::ElementsAre(HasSubstr(consumed)));
  restart(gateway(
      {.keypackage_ttl = 100, .keypackage_validation = "off", .keypackage_delivery = "single_use"},
      log_));
  EXPECT_THAT(RelayFixture::publish(connect_as(bob), consumed), HasSubstr("false,\"invalid:"));
}

TEST_F(ConsumedPackage, ExpiredOnesAreNeitherGivenNorTakenForLive) {
  auto& owner = connect_as(bob);
  (void)RelayFixture::publish(owner, package(bob, "1"));
  (void)RelayFixture::publish(owner, package(bob, "2"));
  now_ = now + 100;
  EXPECT_EQ(events_for(connect_as(alice), of(bob)), 0u) << "both have expired";
  (void)RelayFixture::publish(owner, package(bob, "3"));
  EXPECT_EQ(events_for(connect_as(alice), of(bob)), 1u);
  EXPECT_EQ(left_of(bob), 1u) << "the last live one stays, whatever has expired";
}

TEST_F(ConsumedPackage, LeavesRoomInThePool) {
  auto& owner = connect_as(bob);
  for (int i = 0; i < 3; ++i) (void)RelayFixture::publish(owner, package(bob, std::to_string(i)));
  EXPECT_THAT(RelayFixture::publish(owner, package(bob, "3")), HasSubstr("false,\"blocked:"));
  EXPECT_EQ(events_for(connect_as(alice), of(bob)), 1u);
  EXPECT_THAT(RelayFixture::publish(owner, package(bob, "3")), HasSubstr(",true,\"\""));
}

}  // namespace
