#include "nostr/nip98.h"

#include <gmock/gmock.h>

#include "base/base64.h"
#include "event_text.h"
#include "nostr/client_message.h"
#include "nostr/verify.h"

using namespace nostr;
using testing::HasSubstr;

namespace {

constexpr base::UnixSeconds signed_at = 1700000000;
const std::vector<std::string> accepted = {"wss://relay.example.com/nostr"};
// SHA-256 of "{}"
constexpr auto hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

Event signed_for(const std::string& url, const std::string& method, const std::string& more = "",
                 const std::string& kind = "27235") {
  return test::event(
      {.created_at = "1700000000",
       .kind = kind,
       .tags = R"([["u",")" + url + R"("],["method",")" + method + R"("])" + more + ']'});
}

std::string refusal(const Event& event, const HttpCall& call, base::UnixSeconds now = signed_at) {
  const auto checked = check_http_auth(event, call, now, accepted);
  return checked ? "accepted" : checked.error();
}

const HttpCall get{.method = "GET", .path = "/api/v1/mls/groups", .query = "", .body = ""};
constexpr auto url = "https://relay.example.com/nostr/api/v1/mls/groups";

}  // namespace

TEST(HttpAuthEvent, IsGoodForItsOwnRequest) {
  EXPECT_EQ(refusal(signed_for(url, "GET"), get), "accepted");
}

TEST(HttpAuthEvent, MayNameThePathAsTheProxySendsIt) {
  EXPECT_EQ(refusal(signed_for(url, "GET"),
                    {.method = "GET", .path = "/nostr/api/v1/mls/groups", .query = {}, .body = {}}),
            "accepted");
}

TEST(HttpAuthEvent, HoldsSixtySecondsToEitherSide) {
  const auto event = signed_for(url, "GET");
  for (const int away : {-60, 60}) EXPECT_EQ(refusal(event, get, signed_at + away), "accepted");
  for (const int away : {-61, 61})
    EXPECT_THAT(refusal(event, get, signed_at + away), HasSubstr("check the clock"));
}

TEST(HttpAuthEvent, OfAnotherKindIsNone) {
  EXPECT_THAT(refusal(signed_for(url, "GET", "", "22242"), get), HasSubstr("27235"));
}

TEST(HttpAuthEvent, IsForOneMethod) {
  EXPECT_THAT(refusal(signed_for(url, "POST"), get), HasSubstr("method"));
  EXPECT_THAT(refusal(signed_for(url, "GE"), get), HasSubstr("method"));
  EXPECT_EQ(refusal(signed_for(url, "get"), get), "accepted") << "as nostr-tools writes it";
}

TEST(HttpAuthEvent, IsForOneUrlExactly) {
  for (const auto* other :
       {"https://relay.example.com/nostr/api/v1/mls/groups/", "https://relay.example.com/nostr",
        "https://relay.example.com/nostr/api/v1/mls/groups?x=1", "https://relay.example.com",
        "https://other.example.com/nostr/api/v1/mls/groups", "nonsense", "",
        "https://relay.example.com:444/nostr/api/v1/mls/groups"})
    EXPECT_THAT(refusal(signed_for(other, "GET"), get), HasSubstr(accepted[0])) << other;
}

TEST(HttpAuthEvent, IsForARelayAtItsOwnPath) {
  for (const std::string path : {"/api/v1/mls/groups", "/other/api/v1/mls/groups", "/nostrum/x"})
    EXPECT_THAT(refusal(signed_for("https://relay.example.com" + path, "GET"),
                        {.method = "GET", .path = path, .query = {}, .body = {}}),
                HasSubstr(accepted[0]))
        << path;
}

TEST(HttpAuthEvent, IsForOneQuery) {
  HttpCall call = get;
  call.query = "limit=5";
  const auto event = signed_for(std::string(url) + "?limit=5", "GET");
  EXPECT_EQ(refusal(event, call), "accepted");
  call.query = "limit=6";
  EXPECT_THAT(refusal(event, call), HasSubstr("its query"));
}

TEST(HttpAuthEvent, IsForOneBody) {
  const HttpCall post{.method = "POST", .path = get.path, .query = "", .body = "{}"};
  const auto payload = [](std::string_view text) {
    return R"(,["payload",")" + std::string(text) + R"("])";
  };
  EXPECT_EQ(refusal(signed_for(url, "POST", payload(hash)), post), "accepted");
  EXPECT_THAT(refusal(signed_for(url, "POST"), post), HasSubstr("payload"));
  EXPECT_THAT(refusal(signed_for(url, "POST", payload("00")), post), HasSubstr("payload"));
  const HttpCall bare{.method = "POST", .path = get.path, .query = "", .body = ""};
  EXPECT_THAT(refusal(signed_for(url, "POST", payload(hash)), bare), HasSubstr("payload"));
}

TEST(HttpAuthEvent, MayNameTheRelayItself) {
  const HttpCall post{.method = "POST", .path = "/", .query = "", .body = ""};
  for (const char* relay : {"wss://relay.example.com/nostr", "https://relay.example.com/nostr/"})
    EXPECT_EQ(refusal(signed_for(relay, "POST"), post), "accepted") << relay;
  EXPECT_THAT(refusal(signed_for("https://relay.example.com/nostrum", "POST"), post),
              HasSubstr("the u tag"));
}

TEST(HttpAuthEvent, OfOurOwnIsTakenOnceForEachCall) {
  const auto signer = Signer::parse(std::string(63, '0') + "7").value();
  const HttpCall post{.method = "POST", .path = "/nostr", .query = "", .body = "{}"};
  const auto header =
      http_authorization(signer, "https://relay.example.com/nostr", post, signed_at);
  EXPECT_NE(http_authorization(signer, "https://relay.example.com/nostr", post, signed_at), header)
      << "the same call a second time is another event";
  const auto json = base::decode_base64(header.substr(6)).value();
  MessageParser parser{base::Limits{}};
  const auto event =
      parser.parse_event({reinterpret_cast<const char*>(json.data()), json.size()}).value();
  EXPECT_TRUE(Verifier().verify(event));
  EXPECT_EQ(event.pubkey, signer.key());
  EXPECT_EQ(refusal(event, post), "accepted");
}
