#include "nostr/client_message.h"

#include <gmock/gmock.h>

#include "event_text.h"
#include "nostr/relay_message.h"
#include "vectors.h"

using namespace nostr;
using Answer = MessageError::Answer;
using test::EventText;
using testing::StartsWith;

namespace {

std::expected<ClientMessage, MessageError> parse(std::string_view message,
                                                 base::Limits limits = {}) {
  MessageParser parser{limits};
  return parser.parse(message);
}

MessageError error_of(std::string_view message, base::Limits limits = {}) {
  auto parsed = parse(message, limits);
  if (parsed) {
    ADD_FAILURE() << "accepted: " << message;
    return {};
  }
  return parsed.error();
}

std::string event_message(const EventText& text) { return "[\"EVENT\"," + text.json() + "]"; }

}  // namespace

TEST(ClientMessage, EventIsRead) {
  for (const auto& vector : vectors::signed_events) {
    const auto parsed = parse("[\"EVENT\"," + std::string(vector.json) + "]");
    ASSERT_TRUE(parsed) << vector.name;
    const auto& event = std::get<EventMessage>(*parsed).event;
    const auto bare = test::event(vector.json);
    EXPECT_EQ(event.id, bare.id);
    EXPECT_EQ(event.tags_json(), bare.tags_json());
    EXPECT_EQ(event.content_json(), bare.content_json());
    EXPECT_EQ(test::event(event.json).json, event.json) << vector.name;
  }
}

TEST(ClientMessage, AuthIsRead) {
  const auto parsed = parse("[\"AUTH\"," + std::string(vectors::signed_event("auth")) + "]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<AuthMessage>(*parsed).event.kind, kind::client_auth);
}

TEST(ClientMessage, ReqIsRead) {
  const auto parsed = parse(R"( [ "REQ" , "sub" , {"kinds":[1]} , { } ] )");
  ASSERT_TRUE(parsed);
  const auto& req = std::get<ReqMessage>(*parsed);
  EXPECT_EQ(req.subscription, "sub");
  ASSERT_EQ(req.filters.size(), 2u);
  EXPECT_EQ(req.filters[0].kinds->at(0), 1);
  EXPECT_FALSE(req.filters[1].kinds);
}

TEST(ClientMessage, CountIsRead) {
  const auto parsed = parse(R"(["COUNT","n",{"kinds":[1],"limit":3},{"#h":["g"]}])");
  ASSERT_TRUE(parsed);
  const auto& count = std::get<CountMessage>(*parsed);
  EXPECT_EQ(count.query, "n");
  ASSERT_EQ(count.filters.size(), 2u);
  EXPECT_EQ(count.filters[0].limit, 3u);
  EXPECT_TRUE(count.filters[1].tag('h'));
}

TEST(ClientMessage, CloseIsRead) {
  const auto parsed = parse(R"(["CLOSE","a\"b"])");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<CloseMessage>(*parsed).subscription, "a\"b");
}

TEST(ClientMessage, ItemsBeyondTheKnownOnesAreIgnored) {
  EXPECT_TRUE(parse(R"(["CLOSE","x",{"y":[1]},2])"));
  EXPECT_TRUE(parse("[\"EVENT\"," + EventText{}.json() + ",\"more\"]"));
}

TEST(ClientMessage, ParserServesManyMessages) {
  MessageParser parser{base::Limits{}};
  const std::string large = event_message({.content = '"' + std::string(100'000, 'x') + '"'});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(parser.parse(large));
    EXPECT_FALSE(parser.parse("["));
    EXPECT_FALSE(parser.parse(event_message({.kind = "-1"})));
    EXPECT_TRUE(parser.parse(R"(["CLOSE","x"])"));
  }
}

TEST(ClientMessage, WhatIsNotJsonGetsANotice) {
  for (const std::string bad :
       {"", " ", "hello", "[", "]", "{", "[]x", R"(["EVENT")", R"(["EVENT",])", R"(["CLOSE","x"]])",
        R"(["CLOSE","x"] ["CLOSE","x"])", R"(["CLOSE","x"]garbage)", R"(["CLOSE" "x"])",
        R"(["CLOSE","x)", R"(["REQ","x",{"kinds":[1])", R"(["REQ","x",{"kinds":[1}]])",
        "[\"CLOSE\",\"\xff\"]", "[\"CLOSE\",\"\n\"]"}) {
    const auto error = error_of(bad);
    EXPECT_EQ(error.answer, Answer::notice) << bad;
    EXPECT_EQ(error.subject, "");
    EXPECT_THAT(error.reason, StartsWith("invalid: ")) << bad;
  }
}

TEST(ClientMessage, OtherJsonGetsANotice) {
  for (const std::string bad :
       {"{}", "1", "null", R"("EVENT")", "[]", "[1]", "[null]", R"([["EVENT"]])", R"(["EVENT"])",
        R"(["EVENT",1])", R"(["EVENT","x"])", R"(["EVENT",{}])", R"(["EVENT",[]])",
        R"(["AUTH","challenge"])", R"(["event",{}])"}) {
    const auto error = error_of(bad);
    EXPECT_EQ(error.answer, Answer::notice) << bad;
    EXPECT_THAT(error.reason, StartsWith("invalid: ")) << bad;
  }
}

TEST(ClientMessage, UnknownVerbIsNamedInTheNotice) {
  EXPECT_EQ(error_of(R"(["HELLO",1])").reason,
            "invalid: unknown verb HELLO; known: EVENT, REQ, COUNT, CLOSE, AUTH, NEG-OPEN, "
            "NEG-MSG, NEG-CLOSE");
  const auto error = error_of("[\"" + std::string(31, 'x') + "é\"]");
  EXPECT_EQ(error.reason,
            "invalid: unknown verb " + std::string(31, 'x') +
                "; known: EVENT, REQ, COUNT, CLOSE, AUTH, NEG-OPEN, NEG-MSG, NEG-CLOSE");
}

TEST(ClientMessage, MalformedEventWithReadableIdGetsOkFalse) {
  const std::pair<std::string, Answer> verbs[] = {{"EVENT", Answer::ok_false},
                                                  {"AUTH", Answer::auth_false}};
  for (const auto& [verb, answer] : verbs) {
    for (const EventText& bad :
         {EventText{.created_at = "-1"}, EventText{.created_at = "1e10"},
          EventText{.kind = "70000"}, EventText{.tags = "[[1]]"}, EventText{.content = "null"},
          EventText{.content = R"("\ud800")"}, EventText{.sig = "\"\""}}) {
      const auto error = error_of("[\"" + verb + "\"," + bad.json() + "]");
      EXPECT_EQ(error.answer, answer) << bad.json();
      EXPECT_EQ(error.subject, std::string(64, '1'));
      EXPECT_THAT(error.reason, StartsWith("invalid: "));
    }
  }
}

TEST(ClientMessage, OkEchoesTheSentIdHoweverOddButBounded) {
  EXPECT_EQ(error_of(event_message({.id = R"("Odd\n")"})).subject, "Odd\n");
  EXPECT_EQ(error_of(event_message({.id = '"' + std::string(64, 'A') + '"'})).subject,
            std::string(64, 'A'));
  EXPECT_EQ(error_of(event_message({.id = '"' + std::string(5000, 'z') + '"'})).subject,
            std::string(64, 'z'));
  EXPECT_EQ(error_of(event_message({.id = '"' + std::string(63, 'z') + "é\""})).subject,
            std::string(63, 'z'));
  EXPECT_EQ(error_of(R"(["EVENT",{"kind":"x","id":"late"}])").subject, "late");
  EXPECT_EQ(error_of(event_message({.id = "5"})).answer, Answer::notice);
}

TEST(ClientMessage, MalformedReqIsClosed) {
  for (const std::string bad :
       {R"(["REQ","s"])", R"(["REQ","s",1])", R"(["REQ","s",[]])", R"(["REQ","s",null])",
        R"(["REQ","s",{"ids":["x"]}])", R"(["REQ","s",{},{"limit":-1}])", R"(["COUNT","s"])",
        R"(["COUNT","s",1])", R"(["COUNT","s",{},{"ids":["x"]}])"}) {
    const auto error = error_of(bad);
    EXPECT_EQ(error.answer, bad.contains("COUNT") ? Answer::count_closed : Answer::closed) << bad;
    EXPECT_EQ(error.subject, "s");
    EXPECT_THAT(error.reason, StartsWith("invalid: ")) << bad;
  }
}

TEST(ClientMessage, UnknownFilterKeyIsClosedAsUnsupported) {
  const auto error = error_of(R"(["REQ","s",{"related":"x"}])");
  EXPECT_EQ(error.answer, Answer::closed);
  EXPECT_EQ(error.reason, "unsupported: unknown filter key related");
}

TEST(ClientMessage, SubscriptionIdHasOneTo64CharactersOfAnyKind) {
  std::string wide;
  for (int i = 0; i < 64; ++i) wide += "日";
  for (const std::string& good :
       {std::string("x"), std::string("a \"quoted\" \\ id"), std::string("\0\n", 2), wide}) {
    std::string message = R"(["REQ",)";
    append_json_string(message, good);
    const auto parsed = parse(message + ",{}]");
    ASSERT_TRUE(parsed) << good;
    EXPECT_EQ(std::get<ReqMessage>(*parsed).subscription, good);
  }
  for (const std::string& bad :
       {std::string("\"\""), '"' + wide + "x\"", std::string("1"), std::string("null")}) {
    for (const auto* start : {R"(["REQ",)", R"(["COUNT",)", R"(["CLOSE",)"}) {
      const auto error = error_of(start + bad + ",{}]");
      EXPECT_EQ(error.answer, Answer::notice);
      EXPECT_EQ(error.reason, "invalid: a subscription id has 1 to 64 characters");
    }
  }
}

TEST(ClientMessage, TagsAndFiltersAreBounded) {
  base::Limits limits;
  limits.max_event_tags = 2;
  limits.max_filters = 2;
  limits.max_filter_values = 2;
  const auto tags = error_of(event_message({.tags = "[[],[],[]]"}), limits);
  EXPECT_EQ(tags.answer, Answer::ok_false);
  EXPECT_EQ(tags.reason, "invalid: too many tags; the limit is 2");
  EXPECT_TRUE(parse(event_message({.tags = "[[],[]]"}), limits));
  EXPECT_EQ(error_of(R"(["REQ","s",{},{},{}])", limits).reason,
            "invalid: too many filters; the limit is 2");
  EXPECT_TRUE(parse(R"(["REQ","s",{},{}])", limits));
  EXPECT_EQ(error_of(R"(["REQ","s",{"kinds":[1,2,3]}])", limits).reason,
            "invalid: too many values in one filter; the limit is 2");
}

TEST(ClientMessage, StoredEventsKeepWhatAnEarlierLimitLetIn) {
  base::Limits limits;
  limits.max_event_tags = 1;
  MessageParser parser{limits};
  EXPECT_TRUE(parser.parse_event(EventText{.tags = "[[],[],[]]"}.json()));
}

TEST(ClientMessage, DeepNestingIsRefusedOrSkipped) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_FALSE(parse(deep));
  EXPECT_FALSE(parse("[\"REQ\",\"s\"," + deep + "]"));
  EXPECT_FALSE(parse(event_message({.tags = deep})));
  EXPECT_TRUE(parse(R"(["CLOSE","x",)" + deep + "]"));
}

TEST(ClientMessage, TruncatedMessagesAreNeverAccepted) {
  const std::string event = event_message({.tags = R"([["p","x"],["\u0041"]])"});
  const std::string req =
      R"(["REQ","s",{"kinds":[1,2],"#t":["x"],"since":1,"limit":5},{"ids":[]}])";
  const std::string count = R"(["COUNT","s",{"kinds":[1]},{"#h":["g"]}])";
  for (const std::string& message : {event, req, count})
    for (std::size_t length = 0; length < message.size(); ++length)
      EXPECT_FALSE(parse(message.substr(0, length))) << message.substr(0, length);
}
