#include "net/upgrade.h"

#include <gmock/gmock.h>

namespace net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

relay::HttpRequest upgrade_request() {
  relay::HttpRequest request;
  request.method = "GET";
  request.path = "/";
  request.headers = {{"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

TEST(Upgrade, AnswersTheExampleOfRfc6455) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const auto accepted = accept_upgrade(upgrade_request(), true);
  ASSERT_TRUE(accepted);
  EXPECT_THAT(accepted->response, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(accepted->response,
              HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
}

TEST(Upgrade, OtherPathsHaveNoWebSocket) {
  auto request = upgrade_request();
  request.path = "/chat";
  EXPECT_EQ(accept_upgrade(request, true).error().status, 404);
}

TEST(Upgrade, OtherVersionsAreToldWhichOneToUse) {
  auto request = upgrade_request();
  request.headers[0].second = "8";
  const auto refused = accept_upgrade(request, true).error();
  EXPECT_EQ(refused.status, 426);
  EXPECT_THAT(refused.headers,
              ElementsAre(Pair("Upgrade", "websocket"), Pair("Sec-WebSocket-Version", "13")));
}

TEST(Upgrade, KeyMustBeSixteenBytesInBase64) {
  for (const auto* key : {"", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZ!==", "AAAAAAAAAAAAAAAAAAAAAAA="}) {
    auto request = upgrade_request();
    request.headers[1].second = key;
    EXPECT_EQ(accept_upgrade(request, true).error().status, 400) << key;
  }
}

TEST(Upgrade, CompressionIsAnsweredWhereItIsOffered) {
  auto request = upgrade_request();
  EXPECT_THAT(accept_upgrade(request, true)->response, Not(HasSubstr("Extensions")));
  request.headers.emplace_back("sec-websocket-extensions", "permessage-deflate");
  const auto accepted = accept_upgrade(request, true);
  EXPECT_THAT(accepted->response,
              HasSubstr("\r\nSec-WebSocket-Extensions: permessage-deflate; "
                        "server_no_context_takeover; client_no_context_takeover\r\n\r\n"));
  EXPECT_EQ(accepted->compression.window_bits, 15);
}

TEST(Upgrade, OffersMayComeInSeveralHeaders) {
  auto request = upgrade_request();
  request.headers.emplace_back("sec-websocket-extensions", "x-other; a=1");
  request.headers.emplace_back("sec-websocket-extensions",
                               "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(accept_upgrade(request, true)->compression.window_bits, 10);
}

TEST(Upgrade, WithoutCompressionNoExtensionIsLookedAt) {
  auto request = upgrade_request();
  for (const auto* offer : {"permessage-deflate", "permessage-deflate;;", "\"", "x-other"}) {
    request.headers.resize(2);
    request.headers.emplace_back("sec-websocket-extensions", offer);
    const auto accepted = accept_upgrade(request, false);
    EXPECT_THAT(accepted->response, Not(HasSubstr("Extensions"))) << offer;
    EXPECT_FALSE(accepted->compression) << offer;
  }
}

TEST(Upgrade, ExtensionsThatCannotBeReadAreRefused) {
  auto request = upgrade_request();
  request.headers.emplace_back("sec-websocket-extensions", "permessage-deflate; =15");
  EXPECT_EQ(accept_upgrade(request, true).error().status, 400);
}

}  // namespace
}  // namespace net
