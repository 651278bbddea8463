#include "nostr/event.h"

#include <gmock/gmock.h>

#include "event_text.h"
#include "vectors.h"

using nostr::MessageParser;
using test::EventText;
using testing::HasSubstr;

namespace {

std::string refusal(const EventText& text) {
  MessageParser parser{base::Limits{}};
  const auto parsed = parser.parse_event(text.json());
  return parsed ? "accepted" : parsed.error();
}

}  // namespace

TEST(Event, IsWrittenInNip01OrderWithoutSpacesOrForeignFields) {
  const EventText text;
  const auto event = test::event(
      " {\"extra\" : {\"id\":[1,{}]}, \"sig\":" + text.sig + " ,\n\"kind\": 1,\"content\":\"hi\"," +
      "\"tags\" : [ [ \"a\" , \"b\" ] ,[] ],\"created_at\":1000 ,\"more\":null,\"pubkey\":" +
      text.pubkey + ",\"id\":" + text.id + "} ");
  EventText expected;
  expected.tags = R"([["a","b"],[]])";
  EXPECT_EQ(event.json, expected.json());
}

TEST(Event, BareOneInAnotherOrderKeepsItAndItsSlices) {
  // As strfry exports them (fields by name), and rnostr.
  const EventText text{.tags = R"([["t","a,\"b"],[]])", .content = R"("x\n\"tags\":[]")"};
  const std::string orders[] = {R"({"content":)" + text.content + R"(,"created_at":1000,"id":)" +
                                    text.id + R"(,"kind":1,"pubkey":)" + text.pubkey +
                                    R"(,"sig":)" + text.sig + R"(,"tags":)" + text.tags + "}",
                                R"({"tags":)" + text.tags + R"(,"content":)" + text.content +
                                    R"(,"sig":)" + text.sig + R"(,"id":)" + text.id +
                                    R"(,"pubkey":)" + text.pubkey +
                                    R"(,"created_at":1000,"kind":1})"};
  for (const auto& order : orders) {
    const auto event = test::event(order);
    EXPECT_EQ(event.json, order);
    EXPECT_EQ(event.tags_json(), text.tags);
    EXPECT_EQ(event.content_json(), text.content);
    EXPECT_EQ(test::event(event.json).json, order);
  }
}

TEST(Event, BareOneThatDiffersInMoreThanTheOrderIsWrittenAnew) {
  const EventText text;
  const auto with = [&](const std::string& kind_and_rest) {
    return test::event(R"({"sig":)" + text.sig + R"(,"content":"hi","tags":[],"created_at":1000,)" +
                       R"("pubkey":)" + text.pubkey + R"(,"id":)" + text.id + kind_and_rest)
        .json;
  };
  for (const std::string& rest :
       {std::string(R"(, "kind":1})"), std::string(R"(,"kind":1,"more":1})"),
        std::string(R"(,"k\u0069nd":1})"), std::string(R"(,"kind":1 })")})
    EXPECT_EQ(with(rest), text.json()) << rest;
}

TEST(Event, OneOnTheWireIsWrittenInOurOrder) {
  const EventText text;
  const std::string message = R"(["EVENT",{"sig":)" + text.sig +
                              R"(,"content":"hi","tags":[],"created_at":1000,"pubkey":)" +
                              text.pubkey + R"(,"id":)" + text.id + R"(,"kind":1}])";
  const auto parsed = MessageParser{base::Limits{}}.parse(message);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<nostr::EventMessage>(*parsed).event.json, text.json());
}

TEST(Event, JsonParsesToItself) {
  for (const auto& vector : vectors::signed_events) {
    const auto once = test::event(vector.json);
    EXPECT_EQ(test::event(once.json).json, once.json) << vector.name;
  }
}

TEST(Event, SlicesAreWhatTheClientWrote) {
  for (const auto& vector : vectors::signed_events) {
    const auto event = test::event(vector.json);
    EXPECT_THAT(vector.json, HasSubstr("\"tags\":" + std::string(event.tags_json())))
        << vector.name;
    EXPECT_THAT(vector.json, HasSubstr("\"content\":" + std::string(event.content_json())))
        << vector.name;
  }
}

TEST(Event, EscapesAreReducedToTheSevenAndControls) {
  EventText text;
  text.content = R"("\u0041\/\u00e9\u003c\n\u000a\u0008\u001F\u007f\ud83d\ude00\u0000")";
  const auto event = test::event(text);
  EXPECT_EQ(event.content_json(), "\"A/é<\\n\\n\\b\\u001f\x7f😀\\u0000\"");
  using namespace std::string_view_literals;
  EXPECT_EQ(event.content(), "A/é<\n\n\b\x1f\x7f😀\0"sv);
}

TEST(Event, ContentIsUnescaped) {
  EventText text;
  text.content = R"("a\\u0041 \"q\" \\\\n \n\r\t\b\f")";
  EXPECT_EQ(test::event(text).content(), "a\\u0041 \"q\" \\\\n \n\r\t\b\f");
}

TEST(Event, IdsAndKeysAreLowercaseHexOfExactLength) {
  for (const std::string bad : {R"("")", R"("11")", "1", "null"}) {
    EXPECT_THAT(refusal({.id = bad}), HasSubstr("id must be 64 lowercase hex"));
    EXPECT_THAT(refusal({.pubkey = bad}), HasSubstr("pubkey must be 64 lowercase hex"));
    EXPECT_THAT(refusal({.sig = bad}), HasSubstr("sig must be 128 lowercase hex"));
  }
  EXPECT_THAT(refusal({.id = '"' + std::string(64, 'A') + '"'}), HasSubstr("lowercase hex"));
  EXPECT_THAT(refusal({.id = '"' + std::string(65, 'a') + '"'}), HasSubstr("lowercase hex"));
  EXPECT_THAT(refusal({.pubkey = '"' + std::string(63, 'a') + "g\""}), HasSubstr("lowercase hex"));
}

TEST(Event, CreatedAtIsAPlainNonNegativeInteger) {
  for (const std::string bad : {"1e10", "1e+10", "1.0", "-1", "-0", "01", "9223372036854775808",
                                "99999999999999999999", R"("1")", "null", "[1]", "true"})
    EXPECT_THAT(refusal({.created_at = bad}), HasSubstr("created_at must be")) << bad;
  EXPECT_EQ(test::event({.created_at = "0"}).created_at, 0);
  EXPECT_EQ(test::event({.created_at = "4294967297"}).created_at, 4294967297);
  const auto last = test::event({.created_at = "9223372036854775807"});
  EXPECT_EQ(last.created_at, std::numeric_limits<std::int64_t>::max());
  EXPECT_THAT(last.json, HasSubstr("\"created_at\":9223372036854775807,"));
}

TEST(Event, KindIs16Bit) {
  for (const std::string bad : {"65536", "-1", "1.5", "1e3", R"("1")", "99999999999999999999"})
    EXPECT_THAT(refusal({.kind = bad}), HasSubstr("kind must be")) << bad;
  EXPECT_EQ(test::event({.kind = "65535"}).kind, 65535);
}

TEST(Event, TagsAreArraysOfStrings) {
  for (const std::string bad : {"{}", "null", R"("a")", R"(["a"])", R"([["a",1]])",
                                R"([["a",null]])", R"([[["a"]]])", R"([{}])"})
    EXPECT_THAT(refusal({.tags = bad}), HasSubstr("tags must be an array of arrays of strings"))
        << bad;
  EXPECT_EQ(test::event({.tags = "[[],[]]"}).tags.size(), 2u);
}

TEST(Event, LoneSurrogatesAreRefused) {
  for (const std::string bad : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800A")"})
    EXPECT_THAT(refusal({.content = bad}), HasSubstr("content must be a string")) << bad;
}

TEST(Event, InvalidUtf8IsRefused) {
  for (const std::string bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    EXPECT_EQ(refusal({.content = '"' + bad + '"'}), "the message is not valid JSON");
}

TEST(Event, FieldsAreRequiredAndComeOnce) {
  const std::string json = EventText{}.json();
  MessageParser parser{base::Limits{}};
  for (const std::string name : {"id", "pubkey", "created_at", "kind", "tags", "content", "sig"}) {
    auto without = json;
    without.replace(without.find('"' + name + '"'), name.size() + 2, "\"other\"");
    EXPECT_EQ(parser.parse_event(without).error(), "the event has no " + name);
    const auto twice = json.substr(0, json.size() - 1) + ",\"" + name + "\":0}";
    EXPECT_EQ(parser.parse_event(twice).error(), "the event has two fields " + name);
  }
  const auto escaped = json.substr(0, json.size() - 1) + R"(,"\u0069d":0})";
  EXPECT_EQ(parser.parse_event(escaped).error(), "the event has two fields id");
}

TEST(Event, NothingMayFollowIt) {
  MessageParser parser{base::Limits{}};
  const std::string json = EventText{}.json();
  for (const std::string tail : {"x", "}", ",", "{}", json.c_str()})
    EXPECT_FALSE(parser.parse_event(json + tail)) << tail;
  EXPECT_TRUE(parser.parse_event(json + " \n"));
  for (std::size_t length = 0; length < json.size(); ++length)
    EXPECT_FALSE(parser.parse_event(json.substr(0, length))) << length;
}

TEST(Event, ExpirationIsThePlainNumberOfTheFirstTag) {
  const auto expiration = [](const std::string& tags) {
    return test::event({.tags = tags}).expiration();
  };
  EXPECT_EQ(expiration(R"([["expiration","1700000000"]])"), 1700000000);
  EXPECT_EQ(expiration(R"([["x"],["expiration","5"],["expiration","9"]])"), 5);
  EXPECT_EQ(expiration(R"([["expiration","0"]])"), 0);
  EXPECT_EQ(expiration("[]"), std::nullopt);
  for (const std::string bad :
       {"", "-1", "+1", "1.0", "1e3", " 1", "1 ", "soon", "99999999999999999999"})
    EXPECT_EQ(expiration(R"([["expiration",")" + bad + "\"]]"), std::nullopt) << bad;
  EXPECT_EQ(expiration(R"([["expiration"]])"), std::nullopt);
}

TEST(Event, IsProtectedByADashTag) {
  EXPECT_TRUE(test::event({.tags = R"([["t","x"],["-"]])"}).is_protected());
  EXPECT_FALSE(test::event({.tags = R"([["t","-"],["--"],[]])"}).is_protected());
}
