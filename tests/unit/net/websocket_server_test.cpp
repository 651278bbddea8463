// WebSockets, socket to socket.
#include <gmock/gmock.h>

#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

class WebSocketServer : public ServerTest {};

TEST_F(WebSocketServer, EchoesTextOfAnyLength) {
  start();
  auto client = open_websocket();
  for (const std::size_t length : {0, 1, 125, 126, 65535, 65536, 512 * 1024}) {
    const std::string payload(length, 'e');
    client.send(text_frame(payload));
    EXPECT_EQ(client.read_text(), payload) << length;
  }
}

TEST_F(WebSocketServer, MessagesOfOneReadAreAnsweredInOneFlush) {
  start();
  auto client = open_websocket();
  client.send(text_frame("one") + text_frame("two") + text_frame("three"));
  EXPECT_EQ(client.read_text(), "one");
  EXPECT_EQ(client.read_text(), "two");
  EXPECT_EQ(client.read_text(), "three");
  EXPECT_EQ(on_loop([&] { return sessions[0]->flushes; }), 1);
}

TEST_F(WebSocketServer, FrameRightBehindTheUpgradeIsTaken) {
  start();
  RawClient client(port);
  client.send(std::string(upgrade_head) + text_frame("early") + text_frame("half").substr(0, 3));
  EXPECT_EQ(client.read_reply().status, 101);
  EXPECT_EQ(client.read_text(), "early");
  client.send(text_frame("half").substr(3));
  EXPECT_EQ(client.read_text(), "half");
}

TEST_F(WebSocketServer, UpgradeMayArriveInPieces) {
  start();
  RawClient client(port);
  for (const char byte : upgrade_head) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(client.read_reply().status, 101);
  for (const char byte : text_frame("drop by drop")) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(client.read_text(), "drop by drop");
}

TEST_F(WebSocketServer, DeliveryIsHeadAndEventAndBracket) {
  start();
  auto client = open_websocket();
  on_loop([&] {
    auto event = std::make_shared<nostr::Event>();
    event->json = R"({"id":"…"})";
    auto head = std::make_shared<const std::string>(R"(["EVENT","sub",)");
    sessions[0]->outgoing().push({head, event});
    sessions[0]->outgoing().push({head, event});
    sessions[0]->transport().wake();
  });
  EXPECT_EQ(client.read_text(), R"(["EVENT","sub",{"id":"…"}])");
  EXPECT_EQ(client.read_text(), R"(["EVENT","sub",{"id":"…"}])");
}

TEST_F(WebSocketServer, PingIsAnswered) {
  start();
  auto client = open_websocket();
  client.send(frame(fin | ping, "are you there"));
  const auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, pong);
  EXPECT_EQ(answer.payload, "are you there");
}

TEST_F(WebSocketServer, PingFloodOfAClientThatDoesNotReadKeepsTheLatestPong) {
  start();
  auto client = open_websocket();
  std::string flood;
  for (int i = 0; i < 2000; ++i) flood += frame(fin | ping, "number " + std::to_string(i));
  client.send(flood + text_frame("end"));
  std::string last;
  for (auto next = client.read_frame(); next.opcode == pong; next = client.read_frame())
    last = next.payload;
  EXPECT_EQ(last, "number 1999");
}

TEST_F(WebSocketServer, CloseIsEchoedAfterTheAnswersBeforeIt) {
  start();
  auto client = open_websocket();
  client.send(text_frame("last words") + close_frame(3001, "bye") + text_frame("never heard"));
  EXPECT_EQ(client.read_text(), "last words");
  EXPECT_EQ(client.read_close(), 3001);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1; }));
  EXPECT_THAT(on_loop([&] { return sessions[0]->received; }), ElementsAre("last words"));
  EXPECT_EQ(options.counters->protocol_errors, 0u);
}

TEST_F(WebSocketServer, CloseWithoutCodeIsEchoedWithoutCode) {
  start();
  auto client = open_websocket();
  client.send(frame(fin | close_opcode, ""));
  const auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, close_opcode);
  EXPECT_EQ(answer.payload, "");
  EXPECT_TRUE(client.at_end());
}

TEST_F(WebSocketServer, BrokenRulesCloseWithTheirCodeAndAreCounted) {
  options.limits.max_message_bytes = 1000;
  start();
  const std::vector<std::pair<std::string, int>> cases = {
      {frame(fin | text, "x", {.masked = false}), 1002},
      {frame(fin | binary, "x"), 1003},
      {text_frame("\xff"), 1007},
      {text_frame(std::string(1001, 'x')), 1009},
      {frame(text, std::string(600, 'x')) + frame(continuation, std::string(600, 'x')), 1009},
  };
  for (const auto& [wire, code] : cases) {
    auto client = open_websocket();
    client.send(wire);
    const auto answer = client.read_frame();
    EXPECT_EQ(answer.close_code(), code);
    EXPECT_GT(answer.payload.size(), 2u) << "says why";
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_EQ(options.counters->protocol_errors, cases.size());
}

TEST_F(WebSocketServer, SessionMayCloseWhileItTakesAMessage) {
  start();
  auto client = open_websocket();
  client.send(text_frame("close") + text_frame("never heard"));
  EXPECT_EQ(client.read_close(), 4000);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1; }));
  EXPECT_THAT(on_loop([&] { return sessions[0]->received; }), ElementsAre("close"));
}

TEST_F(WebSocketServer, CloseDropsWhatIsQueuedAndIsNotCalledBack) {
  start();
  auto client = open_websocket();
  const int closed = on_loop([&] {
    sessions[0]->echo("dropped");
    sessions[0]->transport().close({4001, "enough"});
    sessions[0]->transport().close({4002, "again"});
    return sessions[0]->closed;
  });
  EXPECT_EQ(closed, 0);
  EXPECT_EQ(client.read_frame().close_code(), 4001);
}

TEST_F(WebSocketServer, PeerThatVanishesClosesItsSessionOnce) {
  start();
  auto client = open_websocket();
  client.send(text_frame("half").substr(0, 4));
  client.disconnect();
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1 && options.counters->open == 0; }));
}

TEST_F(WebSocketServer, WaitHoldsBackInputAndResumeKeepsTheOrder) {
  start();
  auto client = open_websocket();
  auto other = open_websocket();
  client.send(text_frame("wait") + text_frame("b") + text_frame("c").substr(0, 2));
  EXPECT_EQ(client.read_text(), "wait");
  client.send(text_frame("c").substr(2) + text_frame("d"));
  other.send(text_frame("the loop goes on"));
  EXPECT_EQ(other.read_text(), "the loop goes on");
  EXPECT_THAT(on_loop([&] { return sessions[0]->received; }), ElementsAre("wait"));
  on_loop([&] { sessions[0]->transport().resume(); });
  for (const auto* expected : {"b", "c", "d"}) EXPECT_EQ(client.read_text(), expected);
}

TEST_F(WebSocketServer, ResumeBeforeWaitIsReturnedCounts) {
  start();
  auto client = open_websocket();
  client.send(text_frame("resume early") + text_frame("next"));
  EXPECT_EQ(client.read_text(), "resume early");
  EXPECT_EQ(client.read_text(), "next");
}

TEST_F(WebSocketServer, PausedPeerThatVanishesIsNoticedAfterResume) {
  start();
  auto client = open_websocket();
  client.send(text_frame("wait"));
  EXPECT_EQ(client.read_text(), "wait");
  client.disconnect();
  on_loop([&] { sessions[0]->transport().resume(); });
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1; }));
}

TEST_F(WebSocketServer, SlowReaderIsDroppedWithReasonCounterAndLogLine) {
  options.limits.max_send_queue_bytes = 1 << 20;
  start();
  auto client = open_websocket();
  client.send(text_frame("flood"));
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1; }));
  EXPECT_EQ(options.counters->slow_readers, 1u);
  EXPECT_THAT(logged(), HasSubstr("slow reader"));
  EXPECT_EQ(client.read_close(), 1008);
}

TEST_F(WebSocketServer, SlowReaderIsNoticedWithoutAWakeUp) {
  options.limits.max_send_queue_bytes = 100 << 20;
  options.tick = std::chrono::milliseconds(5);
  start();
  auto client = open_websocket();
  client.send(text_frame("flood"));
  ASSERT_TRUE(
      eventually([&] { return sessions[0]->flushes > 0 && !sessions[0]->outgoing().empty(); }));
  on_loop([&] {
    const auto megabyte = std::make_shared<const std::string>(1 << 20, 'x');
    for (int i = 0; i < 100; ++i) sessions[0]->outgoing().push({megabyte, nullptr});
  });
  EXPECT_TRUE(eventually([&] { return options.counters->slow_readers == 1; }));
}

TEST_F(WebSocketServer, LongQueueReachesAReaderThatKeepsUp) {
  options.limits.max_send_queue_bytes = 100 << 20;
  start();
  auto client = open_websocket();
  client.send(text_frame("flood") + text_frame("the end"));
  for (int i = 0; i < 64; ++i) ASSERT_EQ(client.read_frame().payload.size(), 1u << 20);
  EXPECT_EQ(client.read_text(), "the end");
  EXPECT_EQ(options.counters->slow_readers, 0u);
}

TEST_F(WebSocketServer, SilentPeerIsPingedThenDropped) {
  options.tick = std::chrono::milliseconds(5);
  start();
  auto client = open_websocket();
  EXPECT_EQ(client.read_frame().opcode, ping);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(eventually([&] { return sessions[0]->closed == 1; }));
}

TEST_F(WebSocketServer, PeerThatAnswersPingsStays) {
  options.tick = std::chrono::milliseconds(5);
  start();
  auto client = open_websocket();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(client.read_frame().opcode, ping);
    client.send(frame(fin | pong, ""));
  }
}

TEST_F(WebSocketServer, PeerThatDoesNotCompleteTheCloseIsDropped) {
  options.tick = std::chrono::milliseconds(5);
  start();
  auto client = open_websocket();
  client.send(text_frame("close"));
  EXPECT_EQ(client.read_close(), 4000);
  EXPECT_TRUE(eventually([&] { return options.counters->open == 0; }));
}

TEST_F(WebSocketServer, StopSendsWhatIsQueuedAndClosesWithRestart) {
  start();
  auto first = open_websocket();
  auto second = open_websocket();
  std::promise<void> done;
  on_loop([&] {
    sessions[0]->echo("queued");
    server->stop([&] { done.set_value(); });
  });
  EXPECT_EQ(first.read_text(), "queued");
  EXPECT_EQ(first.read_close(), 1012);
  EXPECT_EQ(second.read_close(), 1012);
  first.disconnect();
  second.disconnect();
  done.get_future().get();
  EXPECT_EQ(options.counters->open, 0u);
}

TEST_F(WebSocketServer, StopWaitsForNobodyForEver) {
  options.tick = std::chrono::milliseconds(5);
  options.limits.max_send_queue_bytes = 100 << 20;
  start();
  auto deaf = open_websocket();
  auto paused = open_websocket();
  RawClient half(port);
  half.send("GET / HT");
  deaf.send(text_frame("flood"));
  paused.send(text_frame("wait"));
  EXPECT_EQ(paused.read_text(), "wait");
  std::promise<void> done;
  on_loop([&] { server->stop([&] { done.set_value(); }); });
  done.get_future().get();
  EXPECT_EQ(on_loop([&] { return sessions[0]->closed + sessions[1]->closed; }), 2);
}

TEST_F(WebSocketServer, DestroyedServerDropsItsConnections) {
  start();
  auto client = open_websocket();
  on_loop([&] {
    sessions[0]->echo("never flushed");
    server.reset();
  });
  EXPECT_EQ(on_loop([&] { return sessions[0]->closed; }), 1);
  EXPECT_EQ(client.read_close(), 0);
}

}  // namespace
}  // namespace net
