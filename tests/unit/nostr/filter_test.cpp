#include "nostr/filter.h"

#include <gmock/gmock.h>

#include "event_text.h"

using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string a64(64, 'a'), b64(64, 'b'), one64(64, '1');

std::string refusal(std::string_view json, base::Limits limits = {}) {
  nostr::MessageParser parser{limits};
  const auto parsed = parser.parse_filter(json);
  return parsed ? "accepted" : parsed.error();
}

bool matches(std::string_view filter, const nostr::Event& event) {
  return test::filter(filter).matches(event);
}

}  // namespace

TEST(Filter, EmptyMatchesEverything) {
  EXPECT_TRUE(matches("{}", test::event(test::EventText{})));
  EXPECT_FALSE(test::filter("{}").matches_nothing());
}

TEST(Filter, EmptyListMatchesNothing) {
  const auto event = test::event({.tags = R"([["h",""]])"});
  for (const auto* text :
       {R"({"ids":[]})", R"({"authors":[]})", R"({"kinds":[]})", R"({"#h":[]})"}) {
    EXPECT_FALSE(matches(text, event)) << text;
    EXPECT_TRUE(test::filter(text).matches_nothing()) << text;
  }
}

TEST(Filter, FieldsAreAConjunctionOfAlternatives) {
  const auto event = test::event({.kind = "7", .tags = R"([["t","x"],["p",")" + b64 + R"("]])"});
  EXPECT_TRUE(matches(R"({"ids":[")" + b64 + R"(",")" + one64 + R"("]})", event));
  EXPECT_FALSE(matches(R"({"ids":[")" + b64 + R"("]})", event));
  EXPECT_TRUE(matches(R"({"authors":[")" + a64 + R"("],"kinds":[9,7,1]})", event));
  EXPECT_FALSE(matches(R"({"authors":[")" + a64 + R"("],"kinds":[1]})", event));
  EXPECT_FALSE(matches(R"({"authors":[")" + b64 + R"("],"kinds":[7]})", event));
  EXPECT_TRUE(matches(R"({"#t":["y","x"],"#p":[")" + b64 + R"("]})", event));
  EXPECT_FALSE(matches(R"({"#t":["x"],"#p":[")" + a64 + R"("]})", event));
  EXPECT_FALSE(matches(R"({"#t":["x"],"#e":[")" + a64 + R"("]})", event));
}

TEST(Filter, TimesAreInclusive) {
  const auto event = test::event({.created_at = "1000"});
  EXPECT_TRUE(matches(R"({"since":1000,"until":1000})", event));
  EXPECT_FALSE(matches(R"({"since":1001})", event));
  EXPECT_FALSE(matches(R"({"until":999})", event));
  EXPECT_TRUE(test::filter(R"({"since":2,"until":1})").matches_nothing());
  EXPECT_FALSE(test::filter(R"({"since":1,"until":1})").matches_nothing());
}

TEST(Filter, OnlyTheFirstValueOfATagCounts) {
  const auto event = test::event({.tags = R"([["t","a","b"],["t","c"]])"});
  EXPECT_TRUE(matches(R"({"#t":["a"]})", event));
  EXPECT_TRUE(matches(R"({"#t":["c"]})", event));
  EXPECT_FALSE(matches(R"({"#t":["b"]})", event));
}

TEST(Filter, TagsWithoutAValueMatchNothing) {
  const auto event = test::event({.tags = R"([["t"],["u",""]])"});
  EXPECT_FALSE(matches(R"({"#t":[""]})", event));
  EXPECT_TRUE(matches(R"({"#u":[""]})", event));
}

TEST(Filter, TagLettersAreCaseSensitive) {
  const auto event = test::event({.tags = R"([["H","x"]])"});
  EXPECT_TRUE(matches(R"({"#H":["x"]})", event));
  EXPECT_FALSE(matches(R"({"#h":["x"]})", event));
}

TEST(Filter, LongTagValuesMatchWhole) {
  const std::string value(5000, 'v');
  const auto event = test::event({.tags = R"([["t",")" + value + R"("]])"});
  EXPECT_TRUE(matches(R"({"#t":[")" + value + R"("]})", event));
  EXPECT_FALSE(matches(R"({"#t":[")" + value + R"(w"]})", event));
}

TEST(Filter, LimitDoesNotMatter) {
  EXPECT_TRUE(matches(R"({"limit":0})", test::event(test::EventText{})));
}

TEST(Filter, ListsAreSortedAndUnique) {
  const auto filter = test::filter(R"({"kinds":[7,1,7,3],"#t":["b","a","b"],"authors":[")" + b64 +
                                   R"(",")" + a64 + R"(",")" + b64 + R"("]})");
  EXPECT_THAT(*filter.kinds, ElementsAre(1, 3, 7));
  EXPECT_THAT(*filter.tag('t'), ElementsAre("a", "b"));
  EXPECT_THAT(*filter.authors, ElementsAre(test::key('a'), test::key('b')));
  EXPECT_EQ(filter.tag('T'), nullptr);
}

TEST(Filter, KindsOutOfRangeMatchNothing) {
  const auto filter =
      test::filter(R"({"kinds":[65536,-1,99999999999999999999,-99999999999999999999]})");
  EXPECT_TRUE(filter.kinds->empty());
  EXPECT_THAT(*test::filter(R"({"kinds":[65536,65535]})").kinds, ElementsAre(65535));
}

TEST(Filter, TimesMayBeNegativeOrHuge) {
  const auto event = test::event({.created_at = "9223372036854775807"});
  EXPECT_TRUE(matches(R"({"since":-5})", event));
  EXPECT_FALSE(matches(R"({"until":-5})", event));
  EXPECT_TRUE(
      matches(R"({"since":-99999999999999999999999,"until":99999999999999999999999})", event));
}

TEST(Filter, LimitIsANonNegativeInteger) {
  EXPECT_EQ(test::filter(R"({"limit":0})").limit, 0u);
  EXPECT_EQ(test::filter(R"({"limit": 10 })").limit, 10u);
  EXPECT_EQ(test::filter(R"({"limit":99999999999999999999999})").limit,
            std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  for (const std::string bad : {"-1", "1.5", "1e3", "01", "null", R"("1")", "[1]", "--1", "true"})
    EXPECT_THAT(refusal(R"({"limit":)" + bad + "}"), HasSubstr("limit must be")) << bad;
}

TEST(Filter, WrongTypesAreRefused) {
  for (const std::string bad :
       {R"({"ids":"x"})", R"({"ids":null})", R"({"ids":[1]})", R"({"kinds":1})",
        R"({"kinds":["1"]})", R"({"kinds":[1.5]})", R"({"kinds":[null]})", R"({"#t":"x"})",
        R"({"#t":[1]})", R"({"#t":{}})", R"({"since":"1"})", R"({"since":1.5})", R"({"until":[]})",
        R"([])", R"("x")", R"(1)", ""})
    EXPECT_NE(refusal(bad), "accepted") << bad;
}

TEST(Filter, IdsAndKeysAreExact) {
  for (const std::string name : {"ids", "authors", "#e", "#p"}) {
    for (const std::string& bad :
         {std::string("abc"), a64.substr(1), a64 + "a", std::string(64, 'A'), std::string()})
      EXPECT_EQ(refusal("{\"" + name + "\":[\"" + bad + "\"]}"),
                name + " must be 64 lowercase hex characters each");
  }
}

TEST(Filter, UnknownKeysAreUnsupported) {
  EXPECT_EQ(refusal(R"({"related":"x"})"), "unknown filter key related");
  for (const std::string key : {"#", "#ee", "#1", "#é", "#-", "", "id", "Kinds"})
    EXPECT_EQ(refusal("{\"" + key + "\":[\"x\"]}"), "unknown filter key " + key);
  EXPECT_EQ(refusal("{\"" + std::string(100, 'k') + "\":1}"),
            "unknown filter key " + std::string(32, 'k'));
}

TEST(Filter, KeysComeOnce) {
  for (const std::string pair : {R"("ids":[])", R"("authors":[])", R"("kinds":[])", R"("#t":[])",
                                 R"("since":1)", R"("until":1)", R"("limit":1)"})
    EXPECT_THAT(refusal('{' + pair + ',' + pair + '}'), HasSubstr("the filter has two keys"))
        << pair;
}

TEST(Filter, ValuesAreBoundedOverAllFields) {
  base::Limits limits;
  limits.max_filter_values = 3;
  EXPECT_EQ(refusal(R"({"kinds":[1,2],"#t":["a"]})", limits), "accepted");
  EXPECT_EQ(refusal(R"({"kinds":[1,2],"#t":["a","b"]})", limits),
            "too many values in one filter; the limit is 3");
  EXPECT_NE(refusal(R"({"kinds":[1,1,1,1]})", limits), "accepted");
}

TEST(Filter, SearchAsksForAllItsWordsAndTheOtherFields) {
  const auto event = test::event({.kind = "1", .content = "\"Purple oranges, please\""});
  EXPECT_TRUE(matches(R"({"search":"ORANGES purple"})", event));
  EXPECT_FALSE(matches(R"({"search":"oranges blue"})", event));
  EXPECT_FALSE(matches(R"({"search":"oranges","kinds":[2]})", event));
  EXPECT_TRUE(matches(R"({"search":"language:en"})", event)) << "asks for nothing";
  EXPECT_FALSE(test::filter(R"({"search":"language:en"})").searches());
  EXPECT_EQ(test::filter(R"({"search":"a b c"})").value_count(), 3u);
}

TEST(Filter, SearchIsBounded) {
  EXPECT_THAT(refusal(R"({"search":7})"), HasSubstr("search must be a text"));
  EXPECT_THAT(refusal(R"({"search":"a","search":"b"})"), HasSubstr("two keys"));
  EXPECT_EQ(refusal(R"({"search":")" + std::string(nostr::max_search_bytes, 'x') + R"("})"),
            "accepted");
  EXPECT_THAT(refusal(R"({"search":")" + std::string(nostr::max_search_bytes + 1, 'x') + R"("})"),
              HasSubstr("256 bytes"));
  EXPECT_THAT(refusal(R"({"search":"1 2 3 4 5 6 7 8 9 10 11"})"), HasSubstr("10 words"));
}

TEST(Filter, NumbersOfAnySizeHaveAMeaning) {
  const auto event = test::event({.created_at = "0", .kind = "65535"});
  EXPECT_TRUE(matches(R"({"since":-1,"until":99999999999999999999999})", event));
  EXPECT_TRUE(matches(R"({"since":-99999999999999999999999})", event));
  EXPECT_FALSE(matches(R"({"until":-1})", event));
  EXPECT_TRUE(matches(R"({"kinds":[65535,65536,-1,99999999999999999999999]})", event));
  EXPECT_FALSE(matches(R"({"kinds":[65536,-1]})", event));
  EXPECT_TRUE(test::filter(R"({"kinds":[65536]})").matches_nothing());
  EXPECT_EQ(test::filter(R"({"limit":99999999999999999999999})").limit, 9223372036854775807u);
}
