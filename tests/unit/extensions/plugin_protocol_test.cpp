#include "extensions/write_policy/plugin_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/event_builder.h"
#include "unit/extensions/addresses.h"

namespace {

using namespace extensions::write_policy;
using test::hex;
using testing::HasSubstr;

const nostr::EventPtr event = test::EventBuilder(7).by(1).kind(1).content("hello").build();

relay::Verdict verdict(const std::string& fields) {
  ReplyParser parser;
  auto reply = parser.parse("{\"id\":\"" + hex(7) + "\"" + fields + "}");
  EXPECT_TRUE(reply && reply->id == test::bytes32(7));
  return reply->verdict;
}

TEST(PluginProtocol, AQuestionIsOneLineWithTheEventAsItWasSigned) {
  EXPECT_EQ(
      question_line(*event, {}, test::address("192.0.2.7"), 1'700'000'000),
      "{\"type\":\"new\",\"event\":" + event->json +
          ",\"receivedAt\":1700000000,\"sourceType\":\"IP4\",\"sourceInfo\":\"192.0.2.7\"}\n");
}

TEST(PluginProtocol, AnIpv6AddressIsSaidToBeOne) {
  EXPECT_THAT(question_line(*event, {}, test::address("2001:db8::1"), 1),
              HasSubstr(R"("sourceType":"IP6","sourceInfo":"2001:db8::1"})"));
}

TEST(PluginProtocol, TheProvedKeyIsToldTheAuthorsFirst) {
  nostr::Viewer viewer{{test::bytes32(5)}};
  EXPECT_THAT(question_line(*event, viewer, {}, 1), HasSubstr(",\"authed\":\"" + hex(5) + "\"}"));
  viewer.keys.push_back(event->pubkey);
  EXPECT_THAT(question_line(*event, viewer, {}, 1), HasSubstr(",\"authed\":\"" + hex(1) + "\"}"));
}

TEST(PluginProtocol, ActionsBecomeVerdicts) {
  EXPECT_FALSE(verdict(R"(,"action":"accept","msg":"x")").denied());
  EXPECT_TRUE(verdict(R"(,"action":"shadowReject")").swallowed());
  EXPECT_EQ(verdict(R"(,"action":"reject","msg":"pow: too little")").reason(), "pow: too little");
}

TEST(PluginProtocol, ARefusalAlwaysHasAPrefix) {
  const auto reason = [](const std::string& msg) {
    return verdict(R"(,"action":"reject")" + msg).reason();
  };
  EXPECT_EQ(reason(R"(,"msg":"no spam")"), "blocked: no spam");
  EXPECT_EQ(reason(R"(,"msg":"Sorry: no")"), "blocked: Sorry: no");
  EXPECT_EQ(reason(R"(,"msg":": no")"), "blocked: : no");
  for (const char* none : {"", R"(,"msg":"")", R"(,"msg":null)", R"(,"msg":7)"})
    EXPECT_THAT(reason(none), testing::StartsWith("blocked: ")) << none;
}

TEST(PluginProtocol, ALongRefusalIsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "é";
  EXPECT_EQ(verdict(R"(,"action":"reject","msg":"x)" + text + "\"").reason().size(), 9 + 499u);
}

TEST(PluginProtocol, AnythingElseIsNoYes) {
  for (const char* fields :
       {"", R"(,"action":"ACCEPT")", R"(,"action":["accept"])", R"(,"action":true)"})
    EXPECT_THAT(verdict(fields).reason(), testing::StartsWith("error: ")) << fields;
}

TEST(PluginProtocol, WhatHasNoIdIsNobodysReply) {
  ReplyParser parser;
  for (const char* line : {"", "ready", "[]", "7", "{", R"({"action":"accept"})",
                           R"({"id":"7","action":"accept"})", R"({"id":7,"action":"accept"})"})
    EXPECT_FALSE(parser.parse(line)) << line;
}

}  // namespace
