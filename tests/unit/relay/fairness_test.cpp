// One heavy query starves nobody: what it reads is cut into turns, and others get theirs between them.
#include <fmt/format.h>

#include "unit/relay/relay_fixture.h"

namespace {

using test::Client;

class Fairness : public test::RelayFixture {
 protected:
  static constexpr int notes = 1000;

  void SetUp() override {
    options_.limits.query_page_scanned = 100;
    options_.limits.query_page_events = 10;
    start();
    auto& writer = connect();
    for (int i = 0; i < notes; ++i)
      (void)publish(writer, alice.sign(1, {{"t", "common"}}, std::to_string(i), now - 1 - i));
    (void)publish(writer, bob.sign(7, {}, "rare", now));
  }

  /// Turns of the loop until the client was told `part`.
  int turns_until(Client& client, std::string_view part) {
    for (int turns = 0; turns < 10'000; ++turns) {
      if (has_seen(client, part)) return turns;
      context_.restart();
      context_.poll_one();
    }
    ADD_FAILURE() << "never told " << part;
    return 0;
  }

  const test::Signer alice{1}, bob{2};
};

TEST_F(Fairness, ASmallRequestIsAnsweredWithinAFewTurnsOfAHeavyOne) {
  auto& heavy = connect();
  // Walks over everything and finds nothing.
  (void)send(heavy,
             fmt::format(R"(["REQ","heavy",{{"#t":["common"],"until":{},"authors":["{}"]}}])", now,
                         bob.hex()));
  auto& light = connect();
  (void)send(light, R"(["REQ","light",{"kinds":[7],"limit":1}])");
  const int turns = turns_until(light, R"(["EOSE","light"])");
  EXPECT_LT(turns, 20);
  EXPECT_TRUE(has_seen(light, "rare"));
  EXPECT_FALSE(has_seen(heavy, "EOSE")) << "or this proves nothing";
  EXPECT_GT(turns_until(heavy, R"(["EOSE","heavy"])"), notes / 100 / 2);
}

TEST_F(Fairness, ManyHeavyRequestsOfOneClientTakeOneTurnAtATime) {
  auto& heavy = connect();
  for (int i = 0; i < 50; ++i)
    (void)send(heavy,
               fmt::format(R"(["REQ","h{}",{{"#t":["common"],"authors":["{}"]}}])", i, bob.hex()));
  auto& light = connect();
  (void)send(light, R"(["REQ","light",{"kinds":[7],"limit":1}])");
  // Each heavy one is admitted and begins to wait; they do not read side by side.
  EXPECT_LT(turns_until(light, R"(["EOSE","light"])"), 4 * 50);
  EXPECT_FALSE(has_seen(heavy, "EOSE"));
}

TEST_F(Fairness, ACountIsCutIntoTurnsToo) {
  auto& heavy = connect();
  (void)send(heavy, R"(["COUNT","n",{"kinds":[1]}])");
  auto& light = connect();
  (void)send(light, R"(["REQ","light",{"kinds":[7],"limit":1}])");
  EXPECT_LT(turns_until(light, R"(["EOSE","light"])"), 20);
  EXPECT_FALSE(has_seen(heavy, "COUNT"));
  EXPECT_GT(turns_until(heavy, fmt::format(R"("count":{})", notes)), notes / 100 / 2);
}

}  // namespace
