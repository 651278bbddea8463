#include "relay/extension/http_auth.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "support/signer.h"

using namespace relay;

namespace {

constexpr base::UnixSeconds now = 1'700'000'000;

nostr::EventId id(std::uint8_t number) {
  nostr::EventId id;
  id.bytes[0] = number;
  return id;
}

enum class Signature { good, forged };

/// "GET /x" on relay.test.
HttpRequest signed_request(Signature signature = Signature::good) {
  const test::Signer alice(1);
  auto event = alice.sign(27235, {{"u", "http://relay.test/x"}, {"method", "GET"}}, "", now);
  if (signature == Signature::forged) {
    char& digit = event[event.find(R"("sig":")") + 7];
    digit = digit == '0' ? '1' : '0';
  }
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(event.data()), event.size());
  HttpRequest request{.method = "GET", .path = "/x", .query = {}, .headers = {}, .body = {}};
  request.headers.emplace_back("authorization", "Nostr " + base::encode_base64(bytes));
  return request;
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

TEST(UsedHttpAuths, KeepsPlacesForKeysItWasToldOf) {
  UsedHttpAuths used;
  nostr::EventId many;
  for (std::uint32_t i = 0; i < 101'000; ++i) {
    std::memcpy(many.bytes.data(), &i, sizeof i);
    const auto taken = used.use(many, 1000, 1060);
    ASSERT_EQ(taken, i < 100'000 ? UsedHttpAuths::Use::first : UsedHttpAuths::Use::full);
    if (i < 100'000) continue;
    ASSERT_EQ(used.use(many, 1000, 1060, UsedHttpAuths::Key::known), UsedHttpAuths::Use::first);
  }
  many.bytes[31] = 1;
  EXPECT_EQ(used.use(many, 1000, 1060, UsedHttpAuths::Key::known), UsedHttpAuths::Use::full);
}

TEST(UsedHttpAuths, LeaveOneClientAShare) {
  UsedHttpAuths used;
  base::IpAddress one;
  one.value.bytes[0] = 0x20;
  for (int n = 0; n < 1000; ++n) ASSERT_FALSE(used.charge(one, now)) << n;
  EXPECT_EQ(used.charge(one, now), 1);
  auto neighbour = one;
  neighbour.value.bytes[15] = 1;
  EXPECT_TRUE(used.charge(neighbour, now)) << "the same /64";
  neighbour.value.bytes[7] = 1;
  EXPECT_FALSE(used.charge(neighbour, now));
  EXPECT_FALSE(used.charge(one, now + 1));
}

TEST(HttpAuth, VerifiesWithoutUsing) {
  HttpAuth auth(base::Limits{}, [] { return now; }, std::make_shared<UsedHttpAuths>());
  auth.accept({"ws://relay.test"});
  const auto event = auth.verify(signed_request());
  ASSERT_TRUE(event);
  EXPECT_FALSE(auth.use(*event));
  EXPECT_TRUE(auth.verify(signed_request()));
  EXPECT_EQ(auth.use(*event).value_or(HttpResponse{}).status, 401);
}

TEST(HttpAuth, ChargesTheAddressBeforeTheSignatureIsChecked) {
  const auto used = std::make_shared<UsedHttpAuths>();
  HttpAuth auth(base::Limits{}, [] { return now; }, used);
  auth.accept({"ws://relay.test"});
  const auto request = signed_request(Signature::forged);
  EXPECT_EQ(auth.authenticate(request).error().status, 401);
  for (int n = 1; n < 1000; ++n) ASSERT_FALSE(used->charge(request.peer, now));
  const auto refusal = auth.authenticate(request);
  EXPECT_EQ(refusal.error().status, 429);
  EXPECT_EQ(refusal.error().headers.at(0).first, "Retry-After");
  EXPECT_TRUE(auth.verify(signed_request())) << "draws on no budget";
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
