#include "net/http_message.h"

#include <gmock/gmock.h>

namespace net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The complete request in `wire`, or the status of its refusal; 0 if more must come.
std::expected<ParsedRequest, int> parse(std::string wire, std::string* rest = nullptr) {
  HttpParser parser;
  const auto complete = parser.parse(wire);
  if (!complete) return std::unexpected(complete.error().status);
  if (!*complete) return std::unexpected(0);
  if (rest) *rest = wire;
  auto parsed = parser.take();
  if (!parsed) return std::unexpected(parsed.error().status);
  return std::move(*parsed);
}

int refused(std::string wire) {
  const auto parsed = parse(std::move(wire));
  return parsed ? -1 : parsed.error();
}

TEST(HttpParser, TakesMethodPathQueryHeadersAndBody) {
  std::string rest;
  const auto parsed = parse(
      "POST /api/claim?x=1&y=%20 HTTP/1.1\r\nHost: relay\r\nX-One: 1\r\nContent-Length: "
      "4\r\n\r\nbodyGET",
      &rest);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->request.method, "POST");
  EXPECT_EQ(parsed->request.path, "/api/claim");
  EXPECT_EQ(parsed->request.query, "x=1&y=%20");
  EXPECT_EQ(parsed->request.header("x-one"), "1");
  EXPECT_EQ(parsed->request.body, "body");
  EXPECT_TRUE(parsed->keep_alive);
  EXPECT_FALSE(parsed->to_websocket);
  EXPECT_EQ(rest, "GET");
}

TEST(HttpParser, EverySplitGivesTheSameRequest) {
  const std::string wire =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut < wire.size(); ++cut) {
    HttpParser parser;
    std::string input = wire.substr(0, cut);
    const auto half = parser.parse(input);
    ASSERT_TRUE(half && !*half) << cut;
    input += wire.substr(cut);
    const auto whole = parser.parse(input);
    ASSERT_TRUE(whole && *whole) << cut;
    EXPECT_EQ(parser.take()->request.body, "abcde");
  }
}

TEST(HttpParser, AbsoluteTargetIsReducedToItsPath) {
  EXPECT_EQ(parse("GET http://relay:80/health?a HTTP/1.1\r\nHost: relay\r\n\r\n")->request.path,
            "/health");
  EXPECT_EQ(parse("GET http://relay HTTP/1.1\r\nHost: relay\r\n\r\n")->request.path, "/");
  EXPECT_EQ(refused("GET relay:80 HTTP/1.1\r\nHost: relay\r\n\r\n"), 400);
}

TEST(HttpParser, Http10AndConnectionCloseEndTheConnection) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")->keep_alive);
}

TEST(HttpParser, RecognisesTheWishForAWebSocket) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: "
                    "WebSocket\r\n\r\n")
                  ->to_websocket);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
                   ->to_websocket);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n")->to_websocket);
}

TEST(HttpParser, MalformedRequestIsRefused) {
  EXPECT_EQ(refused("hello\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nbad header\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400) << "two Hosts";
  EXPECT_EQ(
      refused(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      400);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
            400);
}

TEST(HttpParser, LongHeadIsRefused) {
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(max_http_head_bytes, 'x')),
            431);
  EXPECT_EQ(refused("GET /" + std::string(max_http_head_bytes, 'x')), 431);
}

TEST(HttpParser, LongBodyIsRefused) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(refused(head + "Content-Length: 65537\r\n\r\n"), 413);
  EXPECT_EQ(refused(head + "Content-Length: 99999999999999999999\r\n\r\n"), 400);
  EXPECT_EQ(refused(head + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(65537, 'x')),
            413);
  EXPECT_EQ(
      parse(head + "Content-Length: 65536\r\n\r\n" + std::string(65536, 'x'))->request.body.size(),
      65536u);
}

TEST(HttpParser, ContinueIsWantedOnce) {
  HttpParser parser;
  std::string input =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_FALSE(parser.wants_continue());
  ASSERT_FALSE(parser.parse(input).value());
  EXPECT_TRUE(parser.wants_continue());
  EXPECT_FALSE(parser.wants_continue());
}

TEST(HttpResponse, IsWrittenWithLengthAndHeaders) {
  EXPECT_EQ(
      write_response({.status = 429, .body = "{}", .headers = {{"Retry-After", "3"}}},
                     {.keep_alive = true}),
      "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      "Retry-After: 3\r\nConnection: keep-alive\r\n\r\n{}");
}

TEST(HttpResponse, ToHeadTellsTheLengthWithoutTheBody) {
  const auto out = write_response({.body = "hello"}, {.without_body = true});
  EXPECT_THAT(out, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(out, EndsWith("Connection: close\r\n\r\n"));
}

TEST(HttpResponse, NoContentHasNeitherLengthNorBody) {
  const auto out = write_response({.status = 204, .body = {}}, {});
  EXPECT_THAT(out, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("Content-")));
}

TEST(HttpResponse, ErrorIsJson) {
  const auto response = relay::http_error(404, "not_found", "nothing here");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"error":"nothing here","code":"not_found"})");
}

}  // namespace
}  // namespace net
