#include "nostr/signer.h"

#include <gmock/gmock.h>

#include "nostr/client_message.h"
#include "nostr/verify.h"

using nostr::Signer;
using testing::HasSubstr;

namespace {

// The example of NIP-19.
constexpr auto nsec = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5";
constexpr auto hex = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa";

}  // namespace

TEST(Signer, ReadsASecretKeyAsNsecAndAsHex) {
  const auto one = Signer::parse(nsec);
  const auto other = Signer::parse(hex);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->key(), other->key());
  EXPECT_EQ(base::to_hex(one->key()),
            "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e");
}

TEST(Signer, RefusesWhatIsNoSecretKeyAndNeverEchoesIt) {
  std::string mistyped(nsec);
  mistyped.back() = 'q';
  for (const std::string& bad :
       {std::string(), mistyped, std::string(64, 'f'), std::string(64, '0'),
        std::string(hex).substr(1), "npub1" + mistyped.substr(5)}) {
    const auto signer = Signer::parse(bad);
    ASSERT_FALSE(signer) << bad;
    EXPECT_THAT(signer.error(), HasSubstr("secret key"));
    EXPECT_TRUE(bad.empty() || !signer.error().contains(bad));
  }
}

TEST(Signer, SignsWhatVerifies) {
  const auto signer = Signer::parse(nsec).value();
  const auto json =
      signer.sign(1, {{"t", "a \"b\""}, {}, {"x"}}, "two\nlines \x01 \\ é", 1700000000);
  nostr::MessageParser parser{base::Limits{}};
  const auto event = parser.parse_event(json);
  ASSERT_TRUE(event);
  EXPECT_TRUE(nostr::Verifier().verify(*event));
  EXPECT_EQ(event->tags.size(), 3u);
  EXPECT_EQ(event->content(), "two\nlines \x01 \\ é");
}
