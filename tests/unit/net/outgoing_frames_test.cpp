#include "net/outgoing_frames.h"

#include <gmock/gmock.h>

#include "unit/net/peer_deflate.h"

namespace net {
namespace {

using namespace test;

nostr::EventPtr event_of(std::string json) {
  auto event = std::make_shared<nostr::Event>();
  event->json = std::move(json);
  return event;
}

relay::Outgoing message(std::string head, nostr::EventPtr event = nullptr) {
  return {std::make_shared<const std::string>(std::move(head)), std::move(event)};
}

/// The first frame of `wire`, taken off it, as a client with this window reads it.
struct Read {
  bool compressed;
  std::string text;
};
Read read(std::string& wire, int window_bits = 15) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(wire.at(i)); };
  const std::size_t extra = at(1) == 126 ? 2 : at(1) == 127 ? 8 : 0;
  std::size_t length = extra == 0 ? at(1) : 0;
  for (std::size_t i = 0; i < extra; ++i) length = length << 8 | at(2 + i);
  const bool compressed = (at(0) & 0x40) != 0;
  EXPECT_EQ(at(0) & ~0x40, 0x81);
  const std::string payload = wire.substr(2 + extra, length);
  EXPECT_EQ(payload.size(), length);
  wire.erase(0, 2 + extra + length);
  return {compressed, compressed ? inflated(payload, window_bits) : payload};
}

Read round_trip(const relay::Outgoing& message, std::uint8_t window_bits = 15) {
  CompressedFrames frames;
  std::string wire;
  frames.append(wire, message, {.window_bits = window_bits});
  auto result = read(wire, window_bits);
  EXPECT_EQ(wire, "");
  return result;
}

TEST(CompressedFrames, EventReachesEachSubscriberWithItsOwnHead) {
  CompressedFrames frames;
  const auto event = event_of("{" + noise(600) + "}");
  std::string wire;
  for (const std::string sub : {"a", "another", "ünïcödé \\\" 🔑"})
    frames.append(wire, message("[\"EVENT\",\"" + sub + "\",", event), {.window_bits = 15});
  for (const std::string sub : {"a", "another", "ünïcödé \\\" 🔑"}) {
    const auto next = read(wire);
    EXPECT_TRUE(next.compressed);
    EXPECT_EQ(next.text, "[\"EVENT\",\"" + sub + "\",{" + noise(600) + "}]");
  }
  EXPECT_EQ(wire, "");
}

TEST(CompressedFrames, CompressedIsShorter) {
  CompressedFrames frames;
  std::string compressed, plain;
  const auto delivery = message("[\"EVENT\",\"sub\",", event_of(noise(600)));
  frames.append(compressed, delivery, {.window_bits = 15});
  append_plain(plain, delivery);
  EXPECT_LT(compressed.size(), plain.size() * 3 / 4);
}

TEST(CompressedFrames, TextsAreCompressedToo) {
  const auto answer = round_trip(message(noise(3000)));
  EXPECT_TRUE(answer.compressed);
  EXPECT_EQ(answer.text, noise(3000));
  const auto large = round_trip(message(noise(300'000)));  // more than a stored block holds
  EXPECT_TRUE(large.compressed);
  EXPECT_EQ(large.text, noise(300'000));
}

TEST(CompressedFrames, ShortMessagesStayPlain) {
  const auto least = CompressedFrames::least_bytes;
  EXPECT_FALSE(round_trip(message("[\"EOSE\",\"sub\"]")).compressed);
  EXPECT_FALSE(round_trip(message(noise(least - 1))).compressed);
  EXPECT_TRUE(round_trip(message(noise(least))).compressed);
  EXPECT_FALSE(round_trip(message("[", event_of(noise(least - 2)))).compressed);
  EXPECT_TRUE(round_trip(message("[", event_of(noise(least - 1)))).compressed);
}

TEST(CompressedFrames, WhatGetsNoShorterStaysPlain) {
  std::string dense;  // every byte as often as any other
  unsigned seed = 5;
  for (int i = 0; i < 1000; ++i) dense += static_cast<char>((seed = seed * 1664525u + 1u) >> 24);
  const auto text = round_trip(message(dense));
  EXPECT_FALSE(text.compressed);
  EXPECT_EQ(text.text, dense);
  const auto delivery = round_trip(message("head,", event_of(dense)));
  EXPECT_FALSE(delivery.compressed);
  EXPECT_EQ(delivery.text, "head," + dense + "]");
}

TEST(CompressedFrames, NothingRefersFurtherBackThanTheClientsWindow) {
  for (int window = 9; window <= 15; ++window)
    for (const std::size_t size : {300, 512, 513, 2000, 16'384, 16'385, 40'000}) {
      // Every byte has its like half a text back.
      const auto text = noise(size / 2) + noise(size / 2);
      const auto delivery =
          round_trip(message("head,", event_of(text)), static_cast<std::uint8_t>(window));
      EXPECT_EQ(delivery.text, "head," + text + "]") << window << ' ' << size;
      const auto plain = round_trip(message(text), static_cast<std::uint8_t>(window));
      EXPECT_EQ(plain.text, text) << window << ' ' << size;
    }
}

TEST(CompressedFrames, SmallestWindowTakesWhatFits) {
  EXPECT_EQ(round_trip(message(noise(256)), 8).text, noise(256));
  EXPECT_FALSE(round_trip(message(noise(257)), 8).compressed);
}

TEST(CompressedFrames, AnEventIsCompressedOnceInATurn) {
  CompressedFrames frames;
  const auto event = std::make_shared<nostr::Event>();
  event->json = noise(600);
  const auto sent = [&] {
    std::string wire;
    frames.append(wire, message("[", event), {.window_bits = 15});
    return read(wire).text;
  };
  EXPECT_EQ(sent(), "[" + noise(600) + "]");
  event->json = noise(600, 2);  // no event ever changes: this shows who looks at it again
  EXPECT_EQ(sent(), "[" + noise(600) + "]");
  frames.end_turn();
  EXPECT_EQ(sent(), "[" + noise(600, 2) + "]");
}

TEST(CompressedFrames, AnEventIsHeldUntilTheTurnEnds) {
  CompressedFrames frames;
  auto event = event_of(noise(600));
  const std::weak_ptr<const nostr::Event> held = event;
  std::string wire;
  frames.append(wire, message("[", std::move(event)), {.window_bits = 15});
  EXPECT_FALSE(held.expired());  // else another event at its address would be taken for it
  frames.end_turn();
  EXPECT_TRUE(held.expired());
}

TEST(CompressedFrames, ManyEventsInATurnAreForgottenEarly) {
  CompressedFrames frames;
  auto first = event_of(noise(600));
  const std::weak_ptr<const nostr::Event> held = first;
  std::string wire;
  frames.append(wire, message("[", std::move(first)), {.window_bits = 15});
  for (std::size_t i = 0; i < CompressedFrames::max_shared_events; ++i) {
    wire.clear();
    frames.append(wire, message("[", event_of(noise(300, static_cast<unsigned>(i)))),
                  {.window_bits = 15});
    ASSERT_EQ(read(wire).text, "[" + noise(300, static_cast<unsigned>(i)) + "]");
  }
  EXPECT_TRUE(held.expired());
}

TEST(CompressedFrames, LargeEventsInATurnAreForgottenEarly) {
  CompressedFrames frames;
  auto first = event_of(noise(600));
  const std::weak_ptr<const nostr::Event> held = first;
  std::string wire;
  frames.append(wire, message("[", std::move(first)), {.window_bits = 15});
  for (unsigned i = 0; i < 10; ++i)
    frames.append(wire, message("[", event_of(noise(400'000, i))), {.window_bits = 15});
  EXPECT_TRUE(held.expired());
}

}  // namespace
}  // namespace net
