// What an operator may ask of every event: work (NIP-13), and a time within bounds.
#include <fmt/format.h>

#include "nostr/nip13.h"
#include "unit/relay/relay_fixture.h"

namespace {

using testing::HasSubstr;

class EventLimits : public test::RelayFixture {
 protected:
  /// Mined to exactly this difficulty, or above it.
  std::string mined(unsigned difficulty, const std::string& target, bool exactly) const {
    nostr::MessageParser parser{base::Limits{}};
    for (int nonce = 0;; ++nonce) {
      const std::string event =
          alice.sign(1, {{"nonce", std::to_string(nonce), target}}, "mined", now);
      const unsigned found = nostr::difficulty_of(parser.parse_event(event)->id);
      if (exactly ? found == difficulty : found >= difficulty) return event;
    }
  }
  std::string note_at(base::UnixSeconds created_at) const {
    return alice.sign(1, {}, "", created_at);
  }

  const test::Signer alice{1};
};

TEST_F(EventLimits, NoWorkIsAskedForByDefault) {
  start();
  EXPECT_THAT(publish(connect(), mined(0, "0", true)), HasSubstr(",true,"));
}

TEST_F(EventLimits, WorkBelowTheMinimumIsRefused) {
  options_.limits.min_pow_difficulty = 5;
  start();
  auto& client = connect();
  EXPECT_THAT(publish(client, mined(4, "5", true)),
              HasSubstr("false,\"pow: difficulty 4 is less than 5"));
  EXPECT_THAT(publish(client, mined(5, "0", false)), HasSubstr(",true,\"\""));
}

TEST_F(EventLimits, WorkMustBeCommittedToWhereThatIsAskedFor) {
  options_.limits.min_pow_difficulty = 5;
  options_.limits.require_pow_commitment = true;
  start();
  auto& client = connect();
  EXPECT_THAT(publish(client, mined(5, "4", false)), HasSubstr("false,\"pow: the nonce tag"));
  EXPECT_THAT(publish(client, mined(5, "5", false)), HasSubstr(",true,\"\""));
}

TEST_F(EventLimits, AForgedIdIsNoWork) {
  options_.limits.min_pow_difficulty = 5;
  start();
  std::string event = note_at(now);
  event.replace(event.find("\"id\":\"") + 6, 64, std::string(64, '0'));
  EXPECT_THAT(publish(connect(), event), HasSubstr("false,\"invalid: id"));
}

TEST_F(EventLimits, AnyPastTimeWillDoByDefault) {
  start();
  auto& client = connect();
  EXPECT_THAT(publish(client, note_at(0)), HasSubstr(",true,"));
  EXPECT_THAT(publish(client, note_at(now - 10LL * 365 * 86'400)), HasSubstr(",true,"));
}

TEST_F(EventLimits, TimesOutsideTheWindowAreRefused) {
  options_.limits.created_at_max_age_s = 259'200;
  start();
  auto& client = connect();
  EXPECT_THAT(publish(client, note_at(now - 259'200)), HasSubstr(",true,"));
  EXPECT_THAT(publish(client, note_at(now - 259'201)),
              HasSubstr("false,\"invalid: created_at is more than 259200 seconds ago"));
  EXPECT_THAT(publish(client, note_at(0)), HasSubstr("false,\"invalid: "));
  EXPECT_THAT(publish(client, note_at(now + 900)), HasSubstr(",true,"));
  EXPECT_THAT(publish(client, note_at(now + 901)), HasSubstr("false,\"invalid: "));
}

}  // namespace
