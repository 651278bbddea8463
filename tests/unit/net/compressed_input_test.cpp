// What a client sends once permessage-deflate is negotiated (RFC 7692 §6).
#include <gmock/gmock.h>

#include "net/websocket_frames.h"
#include "unit/net/client_frames.h"
#include "unit/net/peer_deflate.h"

namespace net {
namespace {

using namespace test;
using testing::ElementsAre;
using namespace std::string_literals;

constexpr std::size_t limit = 70'000;
constexpr std::uint8_t rsv1 = 0x40;
using Trace = std::vector<std::string>;

std::string describe(const FrameEvent& event) {
  if (event.kind == FrameEvent::Kind::text) return "text " + std::string(event.payload);
  if (event.kind == FrameEvent::Kind::ping) return "ping " + std::string(event.payload);
  const bool failed = event.kind == FrameEvent::Kind::failure;
  return (failed ? "failure " : "close ") + std::to_string(event.code);
}

/// `negotiated`: whether there is an inflater.
Trace decode(const std::string& wire, bool negotiated = true, std::size_t step = 100'000) {
  Inflater inflater;
  FrameReader reader(limit);
  Trace trace;
  for (std::size_t i = 0; i < wire.size(); i += step) {
    const auto chunk = std::string_view(wire).substr(i, step);
    std::vector<char> bytes(chunk.size() + text_padding, '\0');
    chunk.copy(bytes.data(), chunk.size());
    reader.feed(std::span(bytes).first(chunk.size()));
    for (auto event = reader.next(negotiated ? &inflater : nullptr);
         event.kind != FrameEvent::Kind::need_more;
         event = reader.next(negotiated ? &inflater : nullptr))
      trace.push_back(describe(event));
    reader.keep();
  }
  return trace;
}

std::string compressed_frame(std::string_view message) {
  return frame(fin | rsv1 | text, deflated(message));
}

TEST(CompressedInput, IsInflatedAndPlainMessagesMayStandBesideIt) {
  EXPECT_THAT(decode(compressed_frame("one") + text_frame("two") + compressed_frame("three")),
              ElementsAre("text one", "text two", "text three"));
}

TEST(CompressedInput, IsAProtocolErrorWhereItWasNotNegotiated) {
  EXPECT_THAT(decode(compressed_frame("one"), false), ElementsAre("failure 1002"));
}

TEST(CompressedInput, MayComeInFragmentsCutAnywhere) {
  const auto payload = deflated("one message, cut into two pieces, wherever that may be");
  for (std::size_t cut = 0; cut <= payload.size(); ++cut)
    EXPECT_THAT(decode(frame(rsv1 | text, payload.substr(0, cut)) + frame(fin | ping, "p") +
                       frame(fin | continuation, payload.substr(cut)) + text_frame("next")),
                ElementsAre("ping p", "text one message, cut into two pieces, wherever that may be",
                            "text next"));
}

TEST(CompressedInput, OnlyTheFirstFrameSaysThatItIsCompressed) {
  const auto payload = deflated("fragments");
  EXPECT_THAT(decode(frame(rsv1 | text, payload.substr(0, 3)) +
                     frame(fin | rsv1 | continuation, payload.substr(3))),
              ElementsAre("failure 1002"));
  EXPECT_THAT(decode(frame(text, "plain ") + frame(fin | rsv1 | continuation, payload)),
              ElementsAre("failure 1002"));
  EXPECT_THAT(decode(frame(text, "plain ") + frame(fin | continuation, "text")),
              ElementsAre("text plain text"));
}

TEST(CompressedInput, ControlFramesAndOtherBitsAreNeverPartOfIt) {
  for (const std::uint8_t opcode : {close_opcode, ping, pong})
    EXPECT_THAT(decode(frame(fin | rsv1 | opcode, "")), ElementsAre("failure 1002"));
  for (const std::uint8_t bits : {0x10, 0x20, 0x30, 0x50, 0x60, 0x70})
    EXPECT_THAT(decode(frame(fin | bits | text, deflated("text"))), ElementsAre("failure 1002"));
}

TEST(CompressedInput, BinaryStaysUnsupported) {
  EXPECT_THAT(decode(frame(fin | rsv1 | binary, deflated("text"))), ElementsAre("failure 1003"));
}

TEST(CompressedInput, Utf8IsLookedAtOnceInflated) {
  EXPECT_THAT(decode(compressed_frame("κόσμε")), ElementsAre("text κόσμε"));
  EXPECT_THAT(decode(compressed_frame("a\xed\xa0\x80z")), ElementsAre("failure 1007"));
  EXPECT_THAT(decode(compressed_frame("cut off \xf0\x90")), ElementsAre("failure 1007"));
}

TEST(CompressedInput, WhatIsNoDeflateIsInvalid) {
  EXPECT_THAT(decode(frame(fin | rsv1 | text, "plain")), ElementsAre("failure 1007"));
  EXPECT_THAT(decode(frame(fin | rsv1 | text, "")), ElementsAre("failure 1007"));
  EXPECT_THAT(decode(frame(rsv1 | text, "") + frame(fin | continuation, "")),
              ElementsAre("failure 1007"));
}

TEST(CompressedInput, TheLimitHoldsForWhatIsInflated) {
  EXPECT_THAT(decode(compressed_frame(std::string(limit, 'a'))),
              ElementsAre("text " + std::string(limit, 'a')));
  EXPECT_THAT(decode(compressed_frame(std::string(limit + 1, 'a')) + text_frame("later")),
              ElementsAre("failure 1009"));
  EXPECT_THAT(decode(compressed_frame(std::string(50'000'000, 'a'))), ElementsAre("failure 1009"));
}

TEST(CompressedInput, TheLimitHoldsOnTheWireToo) {
  const std::string half(limit / 2 + 1, '\0');
  EXPECT_THAT(decode(frame(rsv1 | text, half) + frame(fin | continuation, half)),
              ElementsAre("failure 1009"));
}

TEST(CompressedInput, EverySplitGivesTheSameEvents) {
  const auto payload = deflated("tell me twice, tell me twice");
  const auto wire = compressed_frame("one") + frame(rsv1 | text, payload.substr(0, 9)) +
                    frame(fin | ping, "q") + frame(fin | continuation, payload.substr(9)) +
                    text_frame("plain") + compressed_frame("") + frame(fin | rsv1 | text, "bad");
  const auto whole = decode(wire);
  ASSERT_THAT(whole, ElementsAre("text one", "ping q", "text tell me twice, tell me twice",
                                 "text plain", "text ", "failure 1007"));
  for (const std::size_t step : {1, 2, 3, 5, 7, 11}) ASSERT_EQ(decode(wire, true, step), whole);
}

}  // namespace
}  // namespace net
