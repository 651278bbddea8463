#include "extensions/mls_gateway/acl_protocol.h"

#include <gmock/gmock.h>

#include "support/event_builder.h"

namespace extensions::mls_gateway {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;

/// Standing and seconds of a 200; nullopt: malformed.
std::optional<std::pair<Standing, std::int64_t>> read(std::string_view body) {
  const auto answer = read_acl_answer(200, body);
  if (!answer) return std::nullopt;
  return std::pair{answer->standing, duration_cast<seconds>(answer->ttl).count()};
}

TEST(AclUrl, HasHostPortAndPath) {
  const auto plain = parse_acl_url("http://127.0.0.1:8081/");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, "8081");
  EXPECT_EQ(plain->authority, "127.0.0.1:8081");
  EXPECT_EQ(plain->path, "");

  const auto tls = parse_acl_url("https://acl.example.org/base/mls/");
  ASSERT_TRUE(tls);
  EXPECT_TRUE(tls->tls);
  EXPECT_EQ(tls->port, "443");
  EXPECT_EQ(tls->path, "/base/mls");

  const auto six = parse_acl_url("http://[::1]:80");
  ASSERT_TRUE(six);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->authority, "[::1]:80");
  EXPECT_EQ(parse_acl_url("http://[::1]")->port, "80");
}

TEST(AclUrl, WhatIsNoneIsRefusedWithTheRemedy) {
  for (const auto* url : {"", "127.0.0.1:8081", "ftp://host", "http://", "http://:80",
                          "http://host:", "http://host:0", "http://host:65536", "http://host:8x",
                          "http://[::1", "http://[::1]80", "http://a b", "http://u:p@host",
                          "http://host/?a", "http://host/#a", "http://host\r\nX: y"}) {
    const auto parsed = parse_acl_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_THAT(parsed.error(), AllOf(HasSubstr("write it like"), HasSubstr("http://127.0.0.1")));
  }
}

TEST(AclTarget, EncodesEverythingButUnreservedCharacters) {
  const auto url = parse_acl_url("http://h/base");
  EXPECT_EQ(acl_target(*url, test::bytes32(7), "aZ0-._~"),
            "/base/v1/groups/aZ0-._~/members/" + test::hex(7));
  EXPECT_EQ(acl_target(*url, test::bytes32(7), "a/b?c#d%e f+é"),
            "/base/v1/groups/a%2Fb%3Fc%23d%25e%20f%2B%C3%A9/members/" + test::hex(7));
}

TEST(AclAnswer, SaysWhoIsInAndForHowLong) {
  EXPECT_EQ(read(R"({"member":true,"role":"admin","ttl":60})"), std::pair(Standing::admin, 60l));
  EXPECT_EQ(read(R"({"ttl":5,"role":"member","member":true})"), std::pair(Standing::member, 5l));
  EXPECT_EQ(read(R"({"member":false,"ttl":0})"), std::pair(Standing::outsider, 0l));
  EXPECT_EQ(read_acl_answer(404, "no such group")->standing, Standing::outsider);
}

TEST(AclAnswer, MayLeaveOutRoleAndTtlAndSayMore) {
  const auto year = duration_cast<seconds>(AclAnswer::unlimited).count();
  EXPECT_EQ(read(R"({"member":true})"), std::pair(Standing::member, year));
  EXPECT_EQ(read(R"({"member":true,"ttl":9223372036854775807,"since":[1]})"),
            std::pair(Standing::member, year));
}

TEST(AclAnswer, AnythingElseIsMalformed) {
  for (const auto* body :
       {"", "{", "[]", "true", "{}", R"({"member":1})", R"({"member":"true"})",
        R"({"member":null})", R"({"role":"admin"})", R"({"member":true,"role":"owner"})",
        R"({"member":true,"role":1})", R"({"member":true,"ttl":-1})",
        R"({"member":true,"ttl":1.5})", R"({"member":true,"ttl":"1"})",
        R"({"member":true,"ttl":18446744073709551615})", R"({"member":false,"member":true})",
        R"({"member":true} x)", "{\"member\":true,\"x\":\"\xFF\"}"}) {
    EXPECT_EQ(read(body), std::nullopt) << body;
  }
}

TEST(AclAnswer, OtherStatusesAreMalformedWhateverTheySay) {
  for (const unsigned status : {201u, 204u, 302u, 401u, 403u, 500u, 503u})
    EXPECT_EQ(read_acl_answer(status, R"({"member":true})").error(), AclError::malformed);
}

}  // namespace
}  // namespace extensions::mls_gateway
