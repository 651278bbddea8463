#include "nostr/relay_message.h"

#include <gtest/gtest.h>

using namespace nostr;
using namespace std::string_view_literals;

namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

}  // namespace

TEST(RelayMessage, HasNip01Shapes) {
  EXPECT_EQ(ok_message("id", true, ""), R"(["OK","id",true,""])");
  EXPECT_EQ(ok_message("id", false, "invalid: \"x\""), R"(["OK","id",false,"invalid: \"x\""])");
  EXPECT_EQ(eose_message("s"), R"(["EOSE","s"])");
  EXPECT_EQ(finished_eose_message("s"), R"(["EOSE","s",["finish"]])");
  EXPECT_EQ(count_message("s", 7, false), R"(["COUNT","s",{"count":7}])");
  EXPECT_EQ(count_message("s", 7, true), R"(["COUNT","s",{"count":7,"approximate":true}])");
  EXPECT_EQ(count_message("s", 7, false, "00ff"), R"(["COUNT","s",{"count":7,"hll":"00ff"}])");
  EXPECT_EQ(closed_message("s", "error: x"), R"(["CLOSED","s","error: x"])");
  EXPECT_EQ(notice_message("hi"), R"(["NOTICE","hi"])");
  EXPECT_EQ(auth_message("c"), R"(["AUTH","c"])");
  EXPECT_EQ(event_message_head("s"), R"(["EVENT","s",)");
}

TEST(RelayMessage, EscapesSubscriptionIds) {
  EXPECT_EQ(eose_message("a\"\\\n\x01é"), R"(["EOSE","a\"\\\n\u0001é"])");
}

TEST(JsonString, EscapesSevenAndOtherControlsOnly) {
  EXPECT_EQ(as_json("\n\"\\\r\t\b\f"), R"("\n\"\\\r\t\b\f")");
  EXPECT_EQ(as_json("\0\x01\x0b\x1f"sv), R"("\u0000\u0001\u000b\u001f")");
  EXPECT_EQ(as_json("/<>&'\x7fé\u2028😀"), "\"/<>&'\x7fé\u2028😀\"");
  EXPECT_EQ(as_json(""), "\"\"");
}

TEST(JsonString, FindsAnEscapeAtEveryPositionBetweenAllBytes) {
  for (std::size_t length = 1; length < 20; ++length) {
    for (std::size_t position = 0; position < length; ++position) {
      for (int byte = 0; byte < 256; ++byte) {
        for (const char around : {' ', '!', '#', '[', ']', '\x7f', '\xff', '\x80'}) {
          std::string text(length, around);
          text[position] = static_cast<char>(byte);
          const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
          ASSERT_EQ(as_json(text) != '"' + text + '"', escaped) << byte << " at " << position;
        }
      }
    }
  }
}
