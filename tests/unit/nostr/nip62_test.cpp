#include "nostr/nip62.h"

#include <gmock/gmock.h>

#include "event_text.h"

using namespace nostr;

namespace {

VanishTarget target_of(const std::string& tags) {
  return vanish_target(test::event({.kind = "62", .tags = tags}),
                       {"wss://relay.example.com", "ws://127.0.0.1:7777/path"});
}

}  // namespace

TEST(Vanish, NamesThisRelayByAnyOfItsUrlsOrAllRelays) {
  for (const std::string tags :
       {R"([["relay","wss://relay.example.com"]])", R"([["relay","WSS://Relay.Example.com:443/"]])",
        R"([["relay","ws://127.0.0.1:7777/path/"]])", R"([["relay","ALL_RELAYS"]])",
        R"([["relay","wss://other.example.com"],["relay","wss://relay.example.com"]])",
        R"([["relay",""],["relay","ALL_RELAYS","x"]])"})
    EXPECT_EQ(target_of(tags), VanishTarget::us) << tags;
}

TEST(Vanish, OtherRelaysAreNotThisOne) {
  for (const std::string tags :
       {R"([["relay","wss://other.example.com"]])", R"([["relay","ws://relay.example.com"]])",
        R"([["relay","wss://relay.example.com/path"]])", R"([["relay","ws://127.0.0.1:7777"]])",
        R"([["relay","wss://relay.example.com.evil.org"]])", R"([["relay","all_relays"]])",
        R"([["relay","ALL_RELAYS "]])", R"([["relay","relay.example.com"]])", R"([["relay",""]])",
        R"([["relay"]])"})
    EXPECT_EQ(target_of(tags), VanishTarget::other) << tags;
}

TEST(Vanish, WithoutARelayTagItNamesNone) {
  for (const std::string tags : {"[]", R"([["r","wss://relay.example.com"],[]])",
                                 R"([["Relay","ALL_RELAYS"],["p","ALL_RELAYS"]])"})
    EXPECT_EQ(target_of(tags), VanishTarget::none) << tags;
}
