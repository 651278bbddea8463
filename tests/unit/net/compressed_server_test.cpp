// permessage-deflate from socket to socket.
#include "unit/net/peer_deflate.h"
#include "unit/net/server_fixture.h"

namespace net {
namespace {

using namespace test;

constexpr std::uint8_t rsv1 = 0x40;

class CompressedServer : public ServerTest {
 protected:
  /// The answer to an upgrade that offers this.
  Reply offer(RawClient& client, std::string_view offers) {
    std::string request(upgrade_head.substr(0, upgrade_head.size() - 2));
    client.send(request.append("Sec-WebSocket-Extensions: ").append(offers).append("\r\n\r\n"));
    return client.read_reply();
  }
  RawClient open_compressed(std::string_view offers = "permessage-deflate") {
    RawClient client(port);
    EXPECT_NE(offer(client, offers).head.find("permessage-deflate; server_no_context_takeover"),
              std::string::npos);
    return client;
  }
  /// The text of the next frame, which must be compressed.
  std::string read_compressed(RawClient& client) {
    const auto head = client.read(2);
    if (head.size() < 2 || static_cast<std::uint8_t>(head[0]) != (fin | rsv1 | text))
      return "not compressed";
    std::size_t length = static_cast<std::uint8_t>(head[1]);
    if (length >= 126) {
      const auto extra = client.read(length == 126 ? 2 : 8);
      length = 0;
      for (const char byte : extra) length = length << 8 | static_cast<std::uint8_t>(byte);
    }
    return inflated(client.read(length));
  }
};

TEST_F(CompressedServer, EchoesCompressedMessagesShortOnesPlain) {
  start();
  auto client = open_compressed();
  client.send(frame(fin | rsv1 | text, deflated("short")));
  EXPECT_EQ(client.read_text(), "short");
  client.send(frame(fin | rsv1 | text, deflated(noise(5000))));
  EXPECT_EQ(read_compressed(client), noise(5000));
  client.send(text_frame(noise(6000)));
  EXPECT_EQ(read_compressed(client), noise(6000));
}

TEST_F(CompressedServer, PlainAndCompressedConnectionsStandSideBySide) {
  start();
  auto plain = open_websocket();
  auto compressed = open_compressed();
  plain.send(text_frame(noise(5000)));
  compressed.send(text_frame(noise(5000)));
  EXPECT_EQ(plain.read_text(), noise(5000));
  EXPECT_EQ(read_compressed(compressed), noise(5000));
}

TEST_F(CompressedServer, WhatFollowsTheUpgradeAtOnceMayBeCompressed) {
  start();
  RawClient client(port);
  std::string request(upgrade_head.substr(0, upgrade_head.size() - 2));
  request += "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
  client.send(request + frame(fin | rsv1 | text, deflated("at once")));
  EXPECT_EQ(client.read_reply().status, 101);
  EXPECT_EQ(client.read_text(), "at once");
}

TEST_F(CompressedServer, SwitchedOffNothingIsNegotiatedAndNothingCompressedTaken) {
  options.compression = false;
  start();
  RawClient client(port);
  const auto reply = offer(client, "permessage-deflate");
  EXPECT_EQ(reply.status, 101);
  EXPECT_EQ(reply.head.find("Extensions"), std::string::npos);
  client.send(frame(fin | rsv1 | text, deflated("text")));
  EXPECT_EQ(client.read_close(), 1002);
}

TEST_F(CompressedServer, OffersThatCannotBeReadAreRefused) {
  start();
  RawClient client(port);
  EXPECT_EQ(offer(client, "permessage-deflate; a=").status, 400);
}

TEST_F(CompressedServer, BombEndsItsConnectionAlone) {
  options.limits.max_message_bytes = 10'000;
  start();
  auto other = open_compressed();
  auto client = open_compressed();
  client.send(frame(fin | rsv1 | text, deflated(std::string(9'000'000, ' '), 15, 9)));
  EXPECT_EQ(client.read_close(), 1009);
  other.send(frame(fin | rsv1 | text, deflated(noise(9000))));
  EXPECT_EQ(read_compressed(other), noise(9000));
}

TEST_F(CompressedServer, BadDataIsAnsweredWithItsCode) {
  start();
  auto client = open_compressed();
  client.send(frame(fin | rsv1 | text, "no deflate"));
  EXPECT_EQ(client.read_close(), 1007);
}

TEST_F(CompressedServer, EventIsSharedByTwoConnectionsAndLetGoWhenTheTurnEnds) {
  start();
  auto one = open_compressed();
  auto other = open_compressed();
  auto event = std::make_shared<nostr::Event>();
  event->json = noise(2000);
  const std::weak_ptr<nostr::Event> held = event;
  on_loop([&] {
    for (const auto& session : sessions) {
      const auto number = std::to_string(&session - sessions.data());
      session->outgoing().push({std::make_shared<const std::string>(number + ","), event});
      session->transport().wake();
    }
  });
  EXPECT_EQ(read_compressed(one), "0," + noise(2000) + "]");
  EXPECT_EQ(read_compressed(other), "1," + noise(2000) + "]");
  event.reset();
  EXPECT_TRUE(eventually([&] { return held.expired(); }));
}

}  // namespace
}  // namespace net
