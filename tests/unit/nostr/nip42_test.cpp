#include "nostr/nip42.h"

#include <gmock/gmock.h>

#include "event_text.h"
#include "vectors.h"

using namespace nostr;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr base::UnixSeconds signed_at = 1700000000;
const std::vector<std::string> accepted = {"ws://127.0.0.1:7777", "wss://relay.example.com"};

std::string refusal(const Event& event, std::string_view challenge = "challenge-123",
                    base::UnixSeconds now = signed_at) {
  const auto checked = check_auth_event(event, challenge, now, accepted);
  return checked ? "accepted" : checked.error();
}

Event auth_event(const std::string& relay, const std::string& created_at = "1700000000") {
  return test::event({.created_at = created_at,
                      .kind = "22242",
                      .tags = R"([["relay",")" + relay + R"("],["challenge","challenge-123"]])"});
}

}  // namespace

TEST(RelayUrl, IsNormalised) {
  const RelayUrl plain{"relay.example.com", 443, ""};
  for (const auto* text :
       {"wss://relay.example.com", "WSS://Relay.Example.COM/", "https://relay.example.com:443",
        "wss://relay.example.com.//", "ws://relay.example.com:443/?x=1",
        "wss://relay.example.com#f", "wss://relay.example.com?/y"})
    EXPECT_EQ(parse_relay_url(text), plain) << text;
  EXPECT_EQ(parse_relay_url("ws://[::1]:7777/Path/x/"), (RelayUrl{"[::1]", 7777, "/Path/x"}));
  EXPECT_EQ(parse_relay_url("http://localhost"), (RelayUrl{"localhost", 80, ""}));
}

TEST(RelayUrl, HasASchemeInAnyCase) {
  for (const auto* text : {"wss://x", "WSS://x", "Wss://X/Path"})
    EXPECT_EQ(url_scheme(text), "wss");
  for (const auto* text : {"", "wss:/x", "://x"}) EXPECT_EQ(url_scheme(text), "");
}

TEST(RelayUrl, OtherTextsAreNone) {
  for (const auto* bad :
       {"", "relay.example.com", "ftp://x", "ws:/x", "ws://", "ws:///path", "ws://:80",
        "ws://x:", "ws://x:0", "ws://x:65536", "ws://x:8o", "ws://x:-1", "ws://[::1", "ws://[::1]x",
        "ws://[]", "ws://.", "ws://user@x", "://x"})
    EXPECT_FALSE(parse_relay_url(bad)) << bad;
}

TEST(Auth, AcceptsWhatAClientSigns) {
  EXPECT_EQ(refusal(test::event(vectors::signed_event("auth"))), "accepted");
}

TEST(Auth, ComparesRelayUrlsNormalised) {
  for (const std::string good :
       {"wss://relay.example.com", "wss://RELAY.example.com:443//", "ws://127.0.0.1:7777/"})
    EXPECT_EQ(refusal(auth_event(good)), "accepted") << good;
}

TEST(Auth, WrongRelayIsToldTheRightOnes) {
  for (const std::string bad :
       {"wss://other.example.com", "wss://relay.example.com.evil.org", "ws://relay.example.com",
        "wss://relay.example.com/path", "relay.example.com", ""})
    EXPECT_EQ(refusal(auth_event(bad)),
              "invalid: relay tag does not name this relay; use one of: ws://127.0.0.1:7777, "
              "wss://relay.example.com")
        << bad;
}

TEST(Auth, TimeMustBeWithinTenMinutes) {
  EXPECT_EQ(refusal(auth_event(accepted[0]), "challenge-123", signed_at + 600), "accepted");
  EXPECT_EQ(refusal(auth_event(accepted[0]), "challenge-123", signed_at - 600), "accepted");
  for (const auto now : {signed_at + 601, signed_at - 601, base::UnixSeconds{0}})
    EXPECT_THAT(refusal(auth_event(accepted[0]), "challenge-123", now),
                StartsWith("invalid: created_at"));
  EXPECT_THAT(refusal(auth_event(accepted[0], "9223372036854775807")),
              StartsWith("invalid: created_at"));
}

TEST(Auth, ChallengeMustBeEqual) {
  EXPECT_THAT(refusal(auth_event(accepted[0]), "another"), HasSubstr("challenge"));
  EXPECT_THAT(refusal(test::event({.created_at = "1700000000", .kind = "22242"}), ""),
              HasSubstr("challenge"));
}

TEST(Auth, RelayTagAndKindMustBeThere) {
  EXPECT_EQ(refusal(test::event({.created_at = "1700000000",
                                 .kind = "22242",
                                 .tags = R"([["challenge","challenge-123"]])"})),
            "invalid: the relay tag is missing");
  EXPECT_EQ(refusal(test::event(vectors::signed_event("plain"))),
            "invalid: an AUTH event has kind 22242");
}
