#include "nostr/relay_message_reader.h"

#include <gtest/gtest.h>

#include "nostr/verify.h"
#include "unit/nostr/vectors.h"

namespace {

template <typename Answer>
std::optional<Answer> read(std::string_view text) {
  nostr::RelayMessageReader reader;
  auto answer = reader.read(text);
  if (!answer || !std::holds_alternative<Answer>(*answer)) return std::nullopt;
  return std::get<Answer>(std::move(*answer));
}

TEST(RelayMessageReader, ReadsWhatRelaysSay) {
  const auto ok = read<nostr::OkAnswer>(R"(["OK","ab",false,"blocked: no"])");
  ASSERT_TRUE(ok);
  EXPECT_EQ(ok->event_id, "ab");
  EXPECT_FALSE(ok->accepted);
  EXPECT_EQ(ok->reason, "blocked: no");
  EXPECT_EQ(read<nostr::OkAnswer>(R"(["OK","ab",true])")->reason, "") << "old relays give none";
  EXPECT_EQ(read<nostr::EoseAnswer>(R"(["EOSE","s","finish"])")->subscription, "s");
  EXPECT_EQ(read<nostr::ClosedAnswer>(R"(["CLOSED","s","error: x"])")->reason, "error: x");
  EXPECT_EQ(read<nostr::NoticeAnswer>(R"(["NOTICE","\u00fcber"])")->text, "über");
  EXPECT_EQ(read<nostr::NegMsgAnswer>(R"(["NEG-MSG","n","61ff"])")->message,
            (std::vector<std::uint8_t>{0x61, 0xff}));
  EXPECT_EQ(read<nostr::NegErrAnswer>(R"(["NEG-ERR","n","blocked: x",7])")->reason, "blocked: x");
  EXPECT_TRUE(read<nostr::OtherAnswer>(R"(["AUTH","challenge"])"));
  EXPECT_TRUE(read<nostr::OtherAnswer>(R"(["SOMETHING",{"new":1}])"));
}

TEST(RelayMessageReader, ReadsEventsAsTheyWereSigned) {
  for (const auto& [name, json] : vectors::signed_events) {
    const auto given = read<nostr::EventAnswer>("[\"EVENT\",\"s\"," + std::string(json) + "]");
    ASSERT_TRUE(given) << name;
    EXPECT_EQ(given->subscription, "s");
    EXPECT_TRUE(nostr::Verifier().verify(given->event).has_value()) << name;
  }
}

TEST(RelayMessageReader, WhatIsNoMessageIsAnError) {
  nostr::RelayMessageReader reader;
  for (const std::string_view text : {"",
                                      "x",
                                      "{}",
                                      "7",
                                      "[]",
                                      "[7]",
                                      "[\"OK\"]",
                                      R"(["OK","ab"])",
                                      R"(["OK","ab","true"])",
                                      R"(["EVENT","s"])",
                                      R"(["EVENT","s",7])",
                                      R"(["EVENT","s",{}])",
                                      R"(["EVENT",7,{"id":"ab"}])",
                                      R"(["EVENT","s",{"id":)",
                                      R"(["NEG-MSG","n"])",
                                      R"(["NEG-MSG","n","zz"])",
                                      R"(["NEG-MSG","n","616"])",
                                      R"(["CLOSED"])",
                                      R"(["EOSE"])",
                                      R"(["NOTICE"])"})
    EXPECT_FALSE(reader.read(text)) << text;
  EXPECT_TRUE(reader.read(R"(["EOSE","s"])")) << "it goes on reading";
}

}  // namespace
