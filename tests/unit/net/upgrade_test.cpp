#include "net/upgrade.h"

#include <gmock/gmock.h>

namespace net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
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
  const auto accepted = accept_upgrade(upgrade_request());
  ASSERT_TRUE(accepted);
  EXPECT_THAT(*accepted, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(*accepted, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
}

TEST(Upgrade, OtherPathsHaveNoWebSocket) {
  auto request = upgrade_request();
  request.path = "/chat";
  EXPECT_EQ(accept_upgrade(request).error().status, 404);
}

TEST(Upgrade, OtherVersionsAreToldWhichOneToUse) {
  auto request = upgrade_request();
  request.headers[0].second = "8";
  const auto refused = accept_upgrade(request).error();
  EXPECT_EQ(refused.status, 426);
  EXPECT_THAT(refused.headers,
              ElementsAre(Pair("Upgrade", "websocket"), Pair("Sec-WebSocket-Version", "13")));
}

TEST(Upgrade, KeyMustBeSixteenBytesInBase64) {
  for (const auto* key : {"", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZ!==", "AAAAAAAAAAAAAAAAAAAAAAA="}) {
    auto request = upgrade_request();
    request.headers[1].second = key;
    EXPECT_EQ(accept_upgrade(request).error().status, 400) << key;
  }
}

}  // namespace
}  // namespace net
