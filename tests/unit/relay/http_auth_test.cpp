#include "relay/extension/http_auth.h"

#include <gtest/gtest.h>

using namespace relay;

namespace {

nostr::EventId id(std::uint8_t number) {
  nostr::EventId id;
  id.bytes[0] = number;
  return id;
}

}  // namespace

TEST(UsedHttpAuths, TakesAnEventOnce) {
  UsedHttpAuths used;
  EXPECT_EQ(used.use(id(1), 1000, 1060), UsedHttpAuths::Use::first);
  EXPECT_EQ(used.use(id(1), 1060, 1060), UsedHttpAuths::Use::again);
  EXPECT_EQ(used.use(id(2), 1060, 1060), UsedHttpAuths::Use::first);
}

TEST(UsedHttpAuths, RefusesAllWhenFullAndRecovers) {
  UsedHttpAuths used;
  nostr::EventId many;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    std::memcpy(many.bytes.data(), &i, sizeof i);
    ASSERT_EQ(used.use(many, 1000, 1060), UsedHttpAuths::Use::first);
  }
  many.bytes[31] = 1;
  EXPECT_EQ(used.use(many, 1000, 1060), UsedHttpAuths::Use::full);
  EXPECT_EQ(used.use(many, 1061, 1121), UsedHttpAuths::Use::first);
}

TEST(HttpAuth, SaysHowToSignWhenNothingIsGiven) {
  HttpAuth auth(
      base::Limits{}, [] { return base::UnixSeconds{1000}; }, std::make_shared<UsedHttpAuths>());
  for (const auto* header : {"", "Nostr", "Nostr ", "Nostr !!!", "Nostr e30=", "Bearer abc"}) {
    HttpRequest request{.method = "GET", .path = "/", .query = {}, .headers = {}, .body = {}};
    request.headers.emplace_back("authorization", header);
    const auto who = auth.authenticate(request);
    ASSERT_FALSE(who) << header;
    EXPECT_EQ(who.error().status, 401);
    EXPECT_EQ(who.error().headers.at(0).first, "WWW-Authenticate");
  }
}
