// HTTP, the handshake's refusals and the listening socket, socket to socket.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;
using relay::HttpRequest;
using relay::HttpResponse;
using testing::HasSubstr;
using testing::Not;

boost::asio::awaitable<HttpResponse> show(HttpRequest request) {
  co_return HttpResponse{
      .content_type = "text/plain",
      .body = request.method + " " + request.path + "?" + request.query + " " + request.body};
}

boost::asio::awaitable<HttpResponse> large(HttpRequest) {
  co_return HttpResponse{.body = std::string(32 << 20, 'l')};
}

boost::asio::awaitable<HttpResponse> broken(HttpRequest) {
  throw std::runtime_error("a handler's mistake");
  co_return HttpResponse{};
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

class HttpServer : public ServerTest {
 protected:
  HttpServer() {
    routes = {{"GET", "/", show},
              {"POST", "/post", show},
              {"GET", "/large", large},
              {"GET", "/broken", broken}};
    auto wait = [this](HttpRequest request) { return wait_for_gate(std::move(request)); };
    routes.push_back({"GET", "/wait", std::move(wait)});
  }

  boost::asio::awaitable<HttpResponse> wait_for_gate(HttpRequest) {
    ++waiting;
    boost::system::error_code opened;
    co_await gate.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, opened));
    --waiting;
    co_return HttpResponse{.body = "waited"};
  }

  boost::asio::steady_timer gate{io, std::chrono::steady_clock::time_point::max()};
  int waiting = 0;
};

TEST_F(HttpServer, GetReachesItsHandler) {
  start();
  RawClient client(port);
  const auto reply = client.request("GET /?a=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /?a=1 ");
  EXPECT_THAT(reply.head, HasSubstr("Content-Type: text/plain\r\n"));
}

TEST_F(HttpServer, ConnectionIsKeptForTheNextRequest) {
  start();
  RawClient client(port);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(client.request("GET /?" + std::to_string(i)).body,
              "GET /?" + std::to_string(i) + " ");
  EXPECT_EQ(client.request("GET /", "Connection: close\r\n").status, 200);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(options.counters->accepted, 1u);
}

TEST_F(HttpServer, WebSocketMayFollowAKeptRequest) {
  start();
  RawClient client(port);
  EXPECT_EQ(client.request("GET /").status, 200);
  EXPECT_EQ(client.upgrade().status, 101);
  client.send(text_frame("hello"));
  EXPECT_EQ(client.read_text(), "hello");
}

TEST_F(HttpServer, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client(port);
  std::string requests;
  constexpr int count = 5000;
  for (int i = 0; i < count; ++i)
    requests += "GET /" + std::string(i % 2 ? "?1" : "none") + " HTTP/1.1\r\nHost: h\r\n\r\n";
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < count; ++i) ASSERT_EQ(client.read_reply().status, i % 2 ? 200 : 404) << i;
  sender.join();
}

TEST_F(HttpServer, HeadIsAnsweredFromTheGetRouteWithoutBody) {
  start();
  RawClient client(port);
  const auto reply = client.request("HEAD /");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_EQ(client.request("GET /").body, "GET /? ");
}

TEST_F(HttpServer, BodyReachesItsHandler) {
  start();
  RawClient client(port);
  client.send("POST /post HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\n\r\n" +
              std::string(65536, 'b'));
  EXPECT_EQ(client.read_reply().body, "POST /post? " + std::string(65536, 'b'));
}

TEST_F(HttpServer, BodyIsAskedForOnExpectContinue) {
  start();
  RawClient client(port);
  client.send(
      "POST /post HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 100);
  client.send("ok");
  EXPECT_EQ(client.read_reply().body, "POST /post? ok");
}

TEST_F(HttpServer, RefusalsAreJson) {
  start();
  RawClient client(port);
  const auto missing = client.request("GET /none");
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr(R"("code":"not_found")"));
  const auto method = client.request("DELETE /post");
  EXPECT_EQ(method.status, 405);
  EXPECT_THAT(method.head, HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(method.body, HasSubstr(R"("code":"method_not_allowed")"));
}

TEST_F(HttpServer, TooLargeBodyIsRefusedThoughItIsStillBeingSent) {
  start();
  RawClient client(port);
  client.send("POST /post HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(300'000, 'b'));
  const auto reply = client.read_reply();
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.head, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServer, MalformedRequestIsRefusedAndTheConnectionEnds) {
  start();
  RawClient client(port);
  client.send("what is this\r\n\r\n");
  EXPECT_EQ(client.read_reply().status, 400);
  EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServer, HandshakeOnAnotherPathOrVersionIsRefused) {
  start();
  const auto handshake = [&](std::string from, std::string to) {
    std::string head(upgrade_head);
    head.replace(head.find(from), from.size(), to);
    RawClient client(port);
    client.send(head);
    auto reply = client.read_reply();
    EXPECT_TRUE(client.at_end());
    return reply;
  };
  EXPECT_EQ(handshake("GET /", "GET /post").status, 404);
  const auto version = handshake("Version: 13", "Version: 8");
  EXPECT_EQ(version.status, 426);
  EXPECT_THAT(version.head, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  EXPECT_EQ(handshake("Key: dGhl", "Key: ").status, 400);
}

TEST_F(HttpServer, HandlerThatThrowsIsAnInternalError) {
  start();
  RawClient client(port);
  EXPECT_EQ(client.request("GET /broken").status, 500);
}

TEST_F(HttpServer, LargeAnswerArrivesWhole) {
  start();
  RawClient client(port);
  EXPECT_EQ(client.request("GET /large").body.size(), 32u << 20);
  EXPECT_EQ(client.request("GET /").status, 200);
}

TEST_F(HttpServer, HandlerMayOutliveItsSocketAndItsServer) {
  start();
  RawClient client(port);
  client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return waiting == 1; }));
  client.disconnect();
  on_loop([&] { server.reset(); });
  on_loop([&] { gate.cancel(); });
  EXPECT_TRUE(eventually([&] { return waiting == 0; }));
}

TEST_F(HttpServer, StopLetsARequestFinish) {
  start();
  RawClient client(port), idle(port);
  EXPECT_EQ(idle.request("GET /").status, 200);
  client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return waiting == 1; }));
  std::promise<void> done;
  on_loop([&] { server->stop([&] { done.set_value(); }); });
  EXPECT_TRUE(idle.at_end());
  on_loop([&] { gate.cancel(); });
  const auto reply = client.read_reply();
  EXPECT_EQ(reply.body, "waited");
  EXPECT_THAT(reply.head, HasSubstr("Connection: close\r\n"));
  client.disconnect();
  done.get_future().get();
}

TEST_F(HttpServer, UnfinishedRequestIsDroppedInTime) {
  options.tick = std::chrono::milliseconds(5);
  start();
  RawClient silent(port), slow(port), kept(port);
  slow.send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(kept.request("GET /").status, 200);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(slow.at_end());
  EXPECT_TRUE(kept.at_end());
  EXPECT_TRUE(eventually([&] { return options.counters->open == 0; }));
}

TEST_F(HttpServer, ReaderOfAnAnswerThatStallsIsDropped) {
  options.tick = std::chrono::milliseconds(5);
  start();
  RawClient client(port);
  client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(
      eventually([&] { return options.counters->accepted == 1 && options.counters->open == 0; }));
}

TEST_F(HttpServer, ConnectionAboveTheLimitIsToldSo) {
  options.limits.max_connections = 1;
  start();
  auto first = open_websocket();
  RawClient second(port);
  const auto reply = second.read_reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr(R"("code":"overloaded")"));
  EXPECT_TRUE(second.at_end());
  EXPECT_EQ(options.counters->refused, 1u);
  first.disconnect();
  EXPECT_TRUE(eventually([&] { return options.counters->open == 0; }));
  open_websocket();
}

TEST_F(HttpServer, OutOfFileDescriptorsWaitsAndGoesOn) {
  if (sanitized) GTEST_SKIP() << "the checks of UBSan's vptr need file descriptors themselves";
  start();
  RawClient client;
  const int next_fd = ::open("/dev/null", O_RDONLY);
  ::close(next_fd);
  rlimit usual{};
  ::getrlimit(RLIMIT_NOFILE, &usual);
  rlimit none_left = usual;
  none_left.rlim_cur = static_cast<rlim_t>(next_fd);
  ::setrlimit(RLIMIT_NOFILE, &none_left);
  client.connect(port);
  const bool noticed =
      eventually([&] { return log_text.str().find("cannot accept") != std::string::npos; });
  ::setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_TRUE(noticed);
  EXPECT_EQ(client.request("GET /").status, 200);
  EXPECT_THAT(logged(), HasSubstr("accepting connections again"));
}

TEST_F(HttpServer, WorkersShareAPortThatAnotherProgramMayNotTake) {
  start();
  auto same_port = options;
  same_port.port = port;
  boost::asio::io_context other_io;
  Server other(other_io, same_port, nullptr,
               std::make_shared<Router>(std::vector<relay::HttpRoute>{}), log);
  EXPECT_TRUE(other.listen());
  const auto taken = check_port_is_free("127.0.0.1", port);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(),
            "port " + std::to_string(port) +
                " on 127.0.0.1 is taken by another program; stop it or set [server] port / PORT");
}

TEST(Listening, PortOfAnEndedServerIsFreeAtOnce) {
  boost::asio::io_context io;
  const auto router = std::make_shared<Router>(std::vector<relay::HttpRoute>{});
  auto server = std::make_unique<Server>(io, ServerOptions{.port = 0}, nullptr, router, nullptr);
  ASSERT_TRUE(server->listen());
  const auto port = server->port();
  server.reset();
  EXPECT_TRUE(check_port_is_free("localhost", port));
}

TEST(Listening, HostMustBeAnAddressOfThisMachine) {
  EXPECT_THAT(check_port_is_free("relay.example", 0).error(),
              HasSubstr("\"relay.example\" is not an address"));
  EXPECT_THAT(check_port_is_free("192.0.2.1", 0).error(),
              HasSubstr("not an address of this machine"));
}

TEST(Listening, Ipv6IsServedWhereThereIsIpv6) {
  if (!check_port_is_free("::1", 0)) GTEST_SKIP() << "no IPv6 here";
  boost::asio::io_context io;
  const auto router = std::make_shared<Router>(std::vector<relay::HttpRoute>{});
  Server server(io, ServerOptions{.host = "::", .port = 0}, nullptr, router, nullptr);
  EXPECT_TRUE(server.listen());
  EXPECT_FALSE(check_port_is_free("::1", server.port()));
}

}  // namespace
}  // namespace net
