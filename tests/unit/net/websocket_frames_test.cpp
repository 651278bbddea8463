#include "net/websocket_frames.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>
#include <vector>

#include "unit/net/client_frames.h"

namespace net {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

constexpr std::size_t limit = 70'000;
using Trace = std::vector<std::string>;

std::string describe(const FrameEvent& event) {
  switch (event.kind) {
    case FrameEvent::Kind::text:
      return "text " + std::string(event.payload);
    case FrameEvent::Kind::ping:
      return "ping " + std::string(event.payload);
    case FrameEvent::Kind::close:
      return "close " + std::to_string(event.code);
    case FrameEvent::Kind::failure:
      return "failure " + std::to_string(event.code);
    case FrameEvent::Kind::need_more:
      break;
  }
  return "nothing";
}

/// Feeds one chunk from memory of exactly its size and padding, so that a sanitizer sees every byte
/// too far.
void feed(FrameReader& reader, std::string_view chunk, Trace& trace) {
  std::vector<char> bytes(chunk.size() + text_padding, '\0');
  chunk.copy(bytes.data(), chunk.size());
  reader.feed(std::span(bytes).first(chunk.size()));
  for (auto event = reader.next(); event.kind != FrameEvent::Kind::need_more; event = reader.next())
    trace.push_back(describe(event));
  reader.keep();
}

Trace decode(const std::string& wire) {
  FrameReader reader(limit);
  Trace trace;
  feed(reader, wire, trace);
  return trace;
}

Trace decode_in_steps(const std::string& wire, std::size_t step) {
  FrameReader reader(limit);
  Trace trace;
  for (std::size_t i = 0; i < wire.size(); i += step)
    feed(reader, std::string_view(wire).substr(i, step), trace);
  return trace;
}

std::string tag(const Trace& trace) {
  return trace.empty() ? "" : trace.back().substr(0, trace.back().find(' ') + 5);
}

class FrameReaderLengths : public testing::TestWithParam<std::size_t> {};

TEST_P(FrameReaderLengths, TextOfThisLengthArrivesWhole) {
  const std::string payload(GetParam(), '*');
  EXPECT_THAT(decode(text_frame(payload)), ElementsAre("text " + payload));
  EXPECT_THAT(decode_in_steps(text_frame(payload), 997), ElementsAre("text " + payload));
}

INSTANTIATE_TEST_SUITE_P(FramingLimits, FrameReaderLengths,
                         testing::Values(0, 1, 7, 8, 9, 124, 125, 126, 127, 128, 65534, 65535,
                                         65536, 70'000));

TEST(FrameReader, MasksOfAnyValueAreUndone) {
  for (const auto& mask : {"\0\0\0\0"s, "\xff\xff\xff\xff"s, "\x01\x02\x03\x04"s})
    EXPECT_THAT(decode(frame(fin | text, "Hello, all of you", {.mask = mask})),
                ElementsAre("text Hello, all of you"));
}

TEST(FrameReader, UnmaskedFrameIsAProtocolError) {
  EXPECT_THAT(decode(frame(fin | text, "Hello", {.masked = false})), ElementsAre("failure 1002"));
}

TEST(FrameReader, LengthWrittenTooLongIsAProtocolError) {
  EXPECT_THAT(decode(frame(fin | text, "Hello", {.length_bytes = 2})), ElementsAre("failure 1002"));
  EXPECT_THAT(decode(frame(fin | text, std::string(125, 'a'), {.length_bytes = 2})),
              ElementsAre("failure 1002"));
  EXPECT_THAT(decode(frame(fin | text, std::string(65535, 'a'), {.length_bytes = 8})),
              ElementsAre("failure 1002"));
}

TEST(FrameReader, ReservedBitsAreAProtocolErrorAndTheEarlierMessageStands) {
  for (const std::uint8_t bits : {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70}) {
    const auto wire =
        text_frame("first") + frame(fin | bits | text, "second") + frame(fin | ping, "");
    EXPECT_THAT(decode(wire), ElementsAre("text first", "failure 1002")) << int{bits};
    EXPECT_THAT(decode(frame(fin | bits | ping, "")), ElementsAre("failure 1002")) << int{bits};
  }
}

TEST(FrameReader, ReservedOpcodesAreAProtocolError) {
  for (const std::uint8_t opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    EXPECT_THAT(decode(frame(fin | opcode, "")), ElementsAre("failure 1002")) << int{opcode};
}

TEST(FrameReader, BinaryIsRefusedAsUnsupported) {
  EXPECT_THAT(decode(frame(fin | binary, "\x01\x02")), ElementsAre("failure 1003"));
  EXPECT_THAT(decode(frame(binary, "\x01")), ElementsAre("failure 1003"));
}

TEST(FrameReader, PingCarriesItsPayloadAndPongIsDropped) {
  EXPECT_THAT(decode(frame(fin | ping, "") + frame(fin | pong, "unasked") +
                     frame(fin | ping, "\0\xff\xfe"s)),
              ElementsAre("ping ", "ping \0\xff\xfe"s));
  EXPECT_THAT(decode(frame(fin | ping, std::string(125, 'p'))),
              ElementsAre("ping " + std::string(125, 'p')));
}

TEST(FrameReader, ControlFrameLongerThan125IsAProtocolError) {
  for (const std::uint8_t opcode : {close_opcode, ping, pong})
    EXPECT_THAT(decode(frame(fin | opcode, std::string(126, 'p'))), ElementsAre("failure 1002"))
        << int{opcode};
}

TEST(FrameReader, FragmentedControlFrameIsAProtocolError) {
  for (const std::uint8_t opcode : {close_opcode, ping, pong})
    EXPECT_THAT(decode(frame(opcode, "") + frame(fin | continuation, "")),
                ElementsAre("failure 1002"))
        << int{opcode};
}

TEST(FrameReader, FragmentsAreJoined) {
  EXPECT_THAT(decode(frame(text, "frag") + frame(continuation, "") + frame(continuation, "ment") +
                     frame(fin | continuation, "s") + text_frame("next")),
              ElementsAre("text fragments", "text next"));
  EXPECT_THAT(decode(frame(text, "") + frame(fin | continuation, "")), ElementsAre("text "));
}

TEST(FrameReader, PingBetweenFragmentsComesFirst) {
  EXPECT_THAT(decode(frame(text, "a") + frame(fin | ping, "1") + frame(continuation, "b") +
                     frame(fin | ping, "2") + frame(fin | continuation, "c")),
              ElementsAre("ping 1", "ping 2", "text abc"));
}

TEST(FrameReader, ContinuationWithoutAMessageIsAProtocolError) {
  EXPECT_THAT(decode(frame(fin | continuation, "x") + text_frame("y")),
              ElementsAre("failure 1002"));
  EXPECT_THAT(decode(frame(continuation, "x")), ElementsAre("failure 1002"));
  EXPECT_THAT(
      decode(frame(text, "a") + frame(fin | continuation, "b") + frame(fin | continuation, "c")),
      ElementsAre("text ab", "failure 1002"));
}

TEST(FrameReader, NewMessageInsideAFragmentedOneIsAProtocolError) {
  EXPECT_THAT(decode(frame(text, "a") + text_frame("b")), ElementsAre("failure 1002"));
}

TEST(FrameReader, MessageOverTheLimitIsTooBigBeforeItsPayloadArrives) {
  const auto wire = text_frame(std::string(limit + 1, 'a'));
  EXPECT_THAT(decode(wire), ElementsAre("failure 1009"));
  EXPECT_THAT(decode(wire.substr(0, 14)), ElementsAre("failure 1009"));
  std::string huge = frame(fin | text, "", {.length_bytes = 8});
  huge[2] = '\xff';
  EXPECT_THAT(decode(huge), ElementsAre("failure 1009"));
}

TEST(FrameReader, FragmentsTogetherOverTheLimitAreTooBig) {
  const std::string half(limit / 2, 'a');
  EXPECT_THAT(decode(frame(text, half) + frame(fin | continuation, half)),
              ElementsAre("text " + half + half));
  EXPECT_THAT(decode(frame(text, half) + frame(continuation, half) + frame(continuation, "a")),
              ElementsAre("failure 1009"));
}

TEST(FrameReader, ValidUtf8IsTaken) {
  for (const std::string valid :
       {"κόσμε", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf", "\x7f", "\0"})
    EXPECT_THAT(decode(text_frame(valid)), ElementsAre("text " + valid));
}

TEST(FrameReader, InvalidUtf8IsRefused) {
  for (const auto& bad :
       {"\x80"s, "\xce"s, "\xc0\xaf"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s,
        "\xf8\x88\x80\x80\x80"s, "\xfe"s, "\xff"s,
        "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64"s})
    EXPECT_THAT(decode(text_frame(bad)), ElementsAre("failure 1007"));
}

TEST(FrameReader, CharacterMayBeSplitAcrossFragments) {
  EXPECT_THAT(decode(frame(text, "\xce") + frame(continuation, "\xba\xe1") +
                     frame(fin | continuation, "\xbd\xb9")),
              ElementsAre("text \xce\xba\xe1\xbd\xb9"));
  EXPECT_THAT(decode(frame(text, "\xce") + frame(fin | continuation, "a")),
              ElementsAre("failure 1007"));
  EXPECT_THAT(decode(frame(text, "a\xce") + frame(fin | continuation, "")),
              ElementsAre("failure 1007"));
}

TEST(FrameReader, FragmentThatBreaksTheTextIsRefusedBeforeTheMessageEnds) {
  EXPECT_THAT(
      decode(frame(text, "good \xf4") + frame(continuation, "\x90") + frame(fin | ping, "")),
      ElementsAre("failure 1007"));
  EXPECT_THAT(decode(frame(text, "\xed") + frame(fin | ping, "") + frame(continuation, "\xa0")),
              ElementsAre("ping ", "failure 1007"));
}

TEST(FrameReader, CloseEndsTheInput) {
  EXPECT_THAT(
      decode(text_frame("a") + close_frame(1000, "bye") + text_frame("b") + frame(fin | ping, "")),
      ElementsAre("text a", "close 1000"));
  EXPECT_THAT(decode(frame(fin | close_opcode, "")), ElementsAre("close 0"));
  EXPECT_THAT(decode(close_frame(1000, std::string(123, 'r'))), ElementsAre("close 1000"));
}

TEST(FrameReader, CloseBetweenFragmentsEndsTheInput) {
  EXPECT_THAT(decode(frame(text, "a") + close_frame(1001)), ElementsAre("close 1001"));
}

TEST(FrameReader, CloseCodesThatMayBeSentAreEchoed) {
  for (const std::uint16_t code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1014, 3000, 4999})
    EXPECT_THAT(decode(close_frame(code)), ElementsAre("close " + std::to_string(code)));
}

TEST(FrameReader, OtherCloseCodesAreAProtocolError) {
  for (const std::uint16_t code :
       {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    EXPECT_THAT(decode(close_frame(code)), ElementsAre("failure 1002")) << code;
  EXPECT_THAT(decode(frame(fin | close_opcode, "\x03")), ElementsAre("failure 1002"));
}

TEST(FrameReader, CloseReasonMustBeUtf8) {
  EXPECT_THAT(decode(close_frame(1000, "\xff")), ElementsAre("failure 1007"));
}

TEST(FrameReader, FailureIsReportedOnce) {
  FrameReader reader(limit);
  Trace trace;
  feed(reader, frame(fin | 3, ""), trace);
  feed(reader, text_frame("later"), trace);
  EXPECT_THAT(trace, ElementsAre("failure 1002"));
  EXPECT_TRUE(reader.is_idle());
}

TEST(FrameReader, EverySplitGivesTheSameEvents) {
  const auto messages = text_frame("one") + frame(fin | ping, "p") + frame(text, "tw") +
                        frame(fin | ping, "q") + frame(continuation, "") +
                        frame(fin | continuation, "o") + text_frame("") +
                        text_frame(std::string(130, '3')) + frame(fin | pong, "r");
  for (const auto& end :
       {close_frame(1001, "bye"), frame(fin | close_opcode, ""), frame(fin | continuation, "x"),
        text_frame("\xc0"), frame(0xC1, "rsv"), frame(fin | binary, "b")}) {
    const auto wire = messages + end;
    const auto whole = decode(wire);
    ASSERT_EQ(whole.size(), 7u) << tag(whole);
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
      FrameReader reader(limit);
      Trace trace;
      feed(reader, std::string_view(wire).substr(0, cut), trace);
      feed(reader, std::string_view(wire).substr(cut), trace);
      ASSERT_EQ(trace, whole) << "cut at " << cut;
    }
    for (const std::size_t step : {1, 2, 3, 5, 7})
      ASSERT_EQ(decode_in_steps(wire, step), whole) << step;
  }
}

TEST(FrameReader, IdleHoldsNoMemory) {
  FrameReader reader(limit);
  Trace trace;
  const auto wire = text_frame("whole");
  feed(reader, wire, trace);
  EXPECT_TRUE(reader.is_idle());
  feed(reader, wire.substr(0, 5), trace);
  EXPECT_FALSE(reader.is_idle());
  feed(reader, wire.substr(5), trace);
  EXPECT_TRUE(reader.is_idle());
  feed(reader, frame(text, "half"), trace);
  EXPECT_FALSE(reader.is_idle());
  feed(reader, frame(fin | continuation, ""), trace);
  EXPECT_TRUE(reader.is_idle());
}

TEST(FrameReader, PauseKeepsWhatWasNotTaken) {
  std::string wire;
  for (int i = 0; i < 100; ++i) wire += text_frame("message " + std::to_string(i));
  wire += frame(text, "half ");
  FrameReader reader(limit);
  wire.resize(wire.size() + text_padding);
  reader.feed(std::span(wire).first(wire.size() - text_padding));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(describe(reader.next()), "text message " + std::to_string(i));
    reader.keep();
    reader.feed({});
  }
  EXPECT_EQ(reader.next().kind, FrameEvent::Kind::need_more);
  reader.keep();
  Trace trace;
  feed(reader, frame(fin | continuation, "whole"), trace);
  EXPECT_THAT(trace, ElementsAre("text half whole"));
  EXPECT_TRUE(reader.is_idle());
}

TEST(FrameReader, EveryTextIsFollowedByReadablePadding) {
  FrameReader reader(limit);
  const auto check = [&](std::string_view chunk) {
    std::vector<char> bytes(chunk.size() + text_padding);
    chunk.copy(bytes.data(), chunk.size());
    reader.feed(std::span(bytes).first(chunk.size()));
    int sum = 0;
    for (auto event = reader.next(); event.kind == FrameEvent::Kind::text; event = reader.next())
      for (std::size_t i = 0; i < text_padding; ++i)
        sum += event.payload.data()[event.payload.size() + i];
    reader.keep();
    return sum;
  };
  check(text_frame("in the caller's bytes"));
  check(text_frame("in kept bytes").substr(0, 9));
  EXPECT_EQ(check(text_frame("in kept bytes").substr(9)), 0);
  check(frame(text, "jo"));
  EXPECT_EQ(check(frame(fin | continuation, "ined")), 0);
}

TEST(ServerFrames, HeadersAreUnmaskedAndMinimal) {
  const auto header = [](std::size_t length) {
    std::string out;
    append_frame_header(out, Opcode::text, length);
    return out;
  };
  EXPECT_EQ(header(0), "\x81\x00"s);
  EXPECT_EQ(header(125), "\x81\x7d"s);
  EXPECT_EQ(header(126), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(header(65535), "\x81\x7e\xff\xff"s);
  EXPECT_EQ(header(65536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(ServerFrames, CloseCarriesCodeAndReasonOrNothing) {
  std::string out;
  append_close(out, 1009, "big");
  EXPECT_EQ(out, "\x88\x05\x03\xf1"s + "big");
  out.clear();
  append_close(out, 0, "");
  EXPECT_EQ(out, "\x88\x00"s);
}

TEST(ServerFrames, PongReturnsItsPayload) {
  std::string out;
  append_frame(out, Opcode::pong, "payload");
  EXPECT_EQ(out, "\x8a\x07payload"s);
}

TEST(PaddedBytes, DroppingTheLargerPartGivesMemoryBack) {
  PaddedBytes bytes;
  bytes.append(std::string(1000, 'a') + "rest");
  bytes.drop_front(1000);
  EXPECT_EQ(bytes.view(), "rest");
  bytes.append(" and more");
  EXPECT_EQ(bytes.view(), "rest and more");
  bytes.drop_front(bytes.size());
  EXPECT_TRUE(bytes.empty());
  EXPECT_THAT(bytes.view(), IsEmpty());
}

}  // namespace
}  // namespace net
