// Who is let in, how many from one address, and how a server lets go of those it has.
#include <gmock/gmock.h>

#include "base/ip_network.h"
#include "net/listener.h"
#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;
using testing::HasSubstr;

class ConnectionLimits : public ServerTest {
 protected:
  ConnectionLimits() {
    options.addresses = std::make_shared<AddressCounts>(1024);
    options.limits.max_connections_per_address = 2;
  }
  void trust_loopback() { options.proxies = TrustedProxies({"127.0.0.0/8", "::1"}); }
  /// A connection that a trusted proxy made for this address; the status of its upgrade.
  std::pair<RawClient, int> connect_for(const std::string& header) {
    RawClient client(port);
    const int status = client.upgrade(header + "\r\n").status;
    return {std::move(client), status};
  }
};

TEST_F(ConnectionLimits, LoopbackIsNotCounted) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(open_websocket());
}

TEST_F(ConnectionLimits, ClientsBehindATrustedProxyAreCountedByTheirAddress) {
  trust_loopback();
  start();
  const auto first = connect_for("X-Forwarded-For: 203.0.113.1");
  {
    const auto second = connect_for("X-Forwarded-For: 203.0.113.1");
    EXPECT_EQ(first.second, 101);
    EXPECT_EQ(second.second, 101);
    RawClient third(port);
    const auto refusal = third.upgrade("X-Forwarded-For: 203.0.113.1\r\n");
    EXPECT_EQ(refusal.status, 429);
    EXPECT_THAT(refusal.head, HasSubstr("Retry-After: "));
    EXPECT_THAT(refusal.body, HasSubstr(R"("code":"too_many_connections")"));
    EXPECT_EQ(connect_for("X-Forwarded-For: 203.0.113.2").second, 101);
  }
  ASSERT_TRUE(eventually([&] { return options.counters->open == 1; }));
  EXPECT_EQ(connect_for("X-Forwarded-For: 203.0.113.1").second, 101);
}

TEST_F(ConnectionLimits, NetworkOfIpv6IsOneClient) {
  trust_loopback();
  start();
  const auto one = connect_for("X-Real-IP: 2001:db8::1"),
             two = connect_for("X-Real-IP: 2001:db8::2");
  EXPECT_EQ(two.second, 101);
  EXPECT_EQ(connect_for("X-Real-IP: 2001:db8::3").second, 429);
  EXPECT_EQ(connect_for("X-Real-IP: 2001:db8:0:1::3").second, 101);
}

TEST_F(ConnectionLimits, HeadersThatCannotBeBelievedAreRefused) {
  trust_loopback();
  start();
  EXPECT_EQ(connect_for("X-Forwarded-For: junk").second, 400);
  EXPECT_EQ(connect_for("X-Forwarded-For: 203.0.113.1\r\nX-Real-IP: 203.0.113.2").second, 400);
}

TEST_F(ConnectionLimits, ZeroIsNoLimit) {
  options.limits.max_connections_per_address = 0;
  trust_loopback();
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) {
    auto [client, status] = connect_for("X-Forwarded-For: 203.0.113.1");
    EXPECT_EQ(status, 101);
    clients.push_back(std::move(client));
  }
}

TEST_F(ConnectionLimits, RelayIsToldTheClientsAddress) {
  trust_loopback();
  start();
  const auto believed = connect_for("Forwarded: for=\"[2001:db8::7]:1\"");
  EXPECT_EQ(on_loop([&] { return sessions.at(0)->peer; }), base::parse_ip_address("2001:db8::7"));
}

TEST_F(ConnectionLimits, RelayIsToldThePeersAddressByWhomNobodyTrusts) {
  start();
  const auto stranger = connect_for("X-Forwarded-For: 203.0.113.1");
  EXPECT_EQ(on_loop([&] { return sessions.at(0)->peer; }), base::parse_ip_address("127.0.0.1"));
}

class Doors : public ServerTest {};

TEST_F(Doors, AllOfIpv6ServesIpv4Too) {
  if (!check_port_is_free("::1", 0)) GTEST_SKIP() << "no IPv6 here";
  options.host = "[::]";
  start();
  auto six = RawClient::of_ipv6(port);
  EXPECT_EQ(six.upgrade().status, 101);
  auto four = open_websocket();
  EXPECT_EQ(on_loop([&] { return sessions.at(0)->peer; }), base::parse_ip_address("::1"));
  EXPECT_EQ(on_loop([&] { return sessions.at(1)->peer; }), base::parse_ip_address("127.0.0.1"));
}

TEST_F(Doors, OneIpv6AddressServesNoIpv4) {
  if (!check_port_is_free("::1", 0)) GTEST_SKIP() << "no IPv6 here";
  options.host = "[::1]";
  start();
  EXPECT_EQ(RawClient::of_ipv6(port).upgrade().status, 101);
  EXPECT_THROW(RawClient four(port), std::runtime_error);
}

TEST_F(Doors, FailuresNameTheirRemedy) {
  using boost::asio::error::access_denied;
  using boost::asio::error::address_family_not_supported;
  EXPECT_EQ(bind_failure("0.0.0.0", 443, access_denied),
            "port 443 on 0.0.0.0 needs a privilege; use a port above 1023 or grant "
            "CAP_NET_BIND_SERVICE");
  EXPECT_THAT(bind_failure("::", 80, address_family_not_supported), HasSubstr("use 0.0.0.0"));
}

TEST_F(Doors, PeerThatOnlyStopsSendingIsAnswered) {
  start();
  RawClient client(port);
  client.send("GET /none HTTP/1.1\r\nHost: h\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.read_reply().status, 404);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([&] { return options.counters->open == 0; }));
}

class Drain : public ServerTest {
 protected:
  std::future<void> stop(std::chrono::milliseconds drain) {
    auto done = std::make_shared<std::promise<void>>();
    on_loop([&] { server->stop([done] { done->set_value(); }, drain); });
    return done->get_future();
  }
};

TEST_F(Drain, WebSocketsEndOneByOneWithRestart) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(open_websocket());
  auto done = stop(std::chrono::seconds(1));
  using Clock = std::chrono::steady_clock;
  std::vector<Clock::time_point> ends(clients.size());
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < clients.size(); ++i)
    readers.emplace_back([&, i] {
      EXPECT_EQ(clients[i].read_close(), 1012);
      ends[i] = Clock::now();
      clients[i].disconnect();
    });
  for (auto& reader : readers) reader.join();
  done.get();
  const auto [first, last] = std::ranges::minmax(ends);
  EXPECT_GT(last - first, std::chrono::milliseconds(400));
  EXPECT_LT(last - first, std::chrono::seconds(5));
}

TEST_F(Drain, OpenWebSocketsAreServedUntilTheirTurn) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(open_websocket());
  const auto done = stop(std::chrono::minutes(10));
  int served = 0;
  for (auto& client : clients) {
    client.send(text_frame("hello"));
    served += client.read_frame().payload == "hello";
  }
  EXPECT_GT(served, 15);
}

TEST_F(Drain, NewConnectionsAndUpgradesAreRefused) {
  start();
  std::vector<RawClient> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.emplace_back(port);
    EXPECT_EQ(waiting.back().request("GET /none").status, 404);
  }
  auto open = open_websocket();
  const auto done = stop(std::chrono::minutes(10));
  EXPECT_THROW(RawClient late(port), std::runtime_error);
  int refused = 0;
  for (auto& client : waiting) {
    const auto reply = client.upgrade();  // one whose turn has come has no answer at all
    EXPECT_NE(reply.status, 101);
    if (reply.status == 503) refused += reply.head.contains("Retry-After: ");
  }
  EXPECT_GT(refused, 15);
}

TEST_F(Drain, EndsAsSoonAsNobodyIsLeft) {
  start();
  auto client = open_websocket();
  auto done = stop(std::chrono::minutes(10));
  client.disconnect();
  EXPECT_EQ(done.wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST_F(Drain, DeadlinesGoOn) {
  options.tick = std::chrono::milliseconds(5);
  start();
  auto silent = open_websocket();
  auto done = stop(std::chrono::minutes(10));
  EXPECT_EQ(silent.read_frame().opcode, 9) << "no ping";
  EXPECT_EQ(done.wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST_F(Drain, ServerMayBeDestroyedMeanwhile) {
  start();
  auto client = open_websocket();
  const auto done = stop(std::chrono::minutes(10));
  shut_down();
  EXPECT_TRUE(client.at_end());
}

TEST_F(Drain, AnswerThatIsStillToComeIsSentBeforeTheEnd) {
  start();
  auto client = open_websocket();
  client.send(text_frame("be busy"));
  ASSERT_TRUE(eventually([&] { return sessions.at(0)->is_busy; }));
  auto done = stop({});
  client.send(text_frame("too late"));
  on_loop([&] {
    sessions.at(0)->is_busy = false;
    sessions.at(0)->echo("the answer");
  });
  EXPECT_EQ(client.read_frame().payload, "the answer");
  EXPECT_EQ(client.read_close(), 1012);
  client.disconnect();
  done.get();
  EXPECT_EQ(sessions.at(0)->received, std::vector<std::string>{"be busy"});
}

TEST_F(Drain, WaitsForNoAnswerForEver) {
  options.tick = std::chrono::milliseconds(5);
  start();
  auto client = open_websocket();
  client.send(text_frame("be busy"));
  ASSERT_TRUE(eventually([&] { return sessions.at(0)->is_busy; }));
  EXPECT_EQ(stop({}).wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

class Silence : public ServerTest {};

TEST_F(Silence, OfWhoBeganAMessageIsNotBrokenByPongs) {
  options.tick = std::chrono::milliseconds(5);
  options.patience = {.request = 5, .ping = 10, .idle = 40};
  start();
  auto client = open_websocket();
  client.send(frame(text, "half a "));  // no FIN: more fragments are to follow
  auto answer = client.read_frame();
  for (; answer.opcode == ping; answer = client.read_frame()) client.send(frame(fin | pong, ""));
  EXPECT_EQ(answer.close_code(), 1008);
}

TEST_F(Silence, OfWhoEndsMessagesIsNoneThoughTheNextHasBegun) {
  options.tick = std::chrono::milliseconds(5);
  options.patience = {.request = 5, .ping = 10, .idle = 40};
  start();
  auto client = open_websocket();
  client.send(frame(text, "a"));
  const auto end = std::chrono::steady_clock::now() + options.tick * 120;
  while (std::chrono::steady_clock::now() < end) {
    client.send(frame(fin | continuation, "b") + frame(text, "a"));
    auto answer = client.read_frame();
    for (; answer.opcode == ping; answer = client.read_frame()) client.send(frame(fin | pong, ""));
    ASSERT_EQ(answer.payload, "ab");
  }
}

TEST_F(Silence, OfAWholeMessageIsBrokenByPongs) {
  options.tick = std::chrono::milliseconds(5);
  options.patience = {.request = 5, .ping = 10, .idle = 40};
  start();
  auto client = open_websocket();
  client.send(frame(text, "half a "));
  client.send(frame(fin | continuation, "message"));
  EXPECT_EQ(client.read_frame().payload, "half a message");
  for (int pings = 0; pings < 10; ++pings) {
    ASSERT_EQ(client.read_frame().opcode, ping);
    client.send(frame(fin | pong, ""));
  }
}

TEST_F(Silence, IsLimitedAsConfigured) {
  options.tick = std::chrono::milliseconds(5);
  options.patience = {.request = 5, .ping = 50, .idle = 120};  // more than the wheel has slots
  start();
  auto client = open_websocket();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.read_frame().opcode, 9);
  const auto pinged = std::chrono::steady_clock::now();
  EXPECT_TRUE([&] {
    for (;;)
      if (const auto frame = client.read_frame(); frame.opcode != 9) return frame.opcode == 0xFF;
  }());
  EXPECT_GE(pinged - begin, options.tick * 45);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, options.tick * 110);
}

}  // namespace
}  // namespace net
