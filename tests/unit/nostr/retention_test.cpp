#include "nostr/retention.h"

#include <gmock/gmock.h>

#include "event_text.h"

using nostr::parse_retention_rule;
using nostr::Retention;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr std::int64_t day_s = 86'400;

Retention rules(const std::vector<std::string>& texts) {
  std::vector<nostr::RetentionRule> parsed;
  for (const auto& text : texts) parsed.push_back(parse_retention_rule(text).value());
  return Retention(std::move(parsed));
}

nostr::Event note(const std::string& kind, std::int64_t created_at) {
  return test::event(test::EventText{.created_at = std::to_string(created_at), .kind = kind});
}

}  // namespace

TEST(Retention, AgesHaveUnits) {
  const std::pair<const char*, std::int64_t> ages[] = {
      {"1: 90s", 90},        {"1: 5m", 300},
      {"1:12h", 43'200},     {"1:  30d", 30 * day_s},
      {"1: 2w", 14 * day_s}, {"*: 3y", 3 * 365 * day_s},
      {"1: 0", 0},           {"1: 0d", 0}};
  for (const auto& [text, seconds] : ages)
    EXPECT_EQ(parse_retention_rule(text).value().keep_s, seconds) << text;
  EXPECT_EQ(parse_retention_rule("0 3: forever").value().keep_s, std::nullopt);
}

TEST(Retention, KindsAreNumbersAndRanges) {
  const auto rule = parse_retention_rule("1,6, 7 1000-1999: 1d").value();
  for (const nostr::Kind kind : {1, 6, 7, 1000, 1500, 1999}) EXPECT_TRUE(rule.covers(kind)) << kind;
  for (const nostr::Kind kind : {0, 2, 999, 2000}) EXPECT_FALSE(rule.covers(kind)) << kind;
  EXPECT_TRUE(parse_retention_rule("*: 1d").value().covers(65535));
}

TEST(Retention, MistakesAreNamed) {
  for (const char* text :
       {"", "1", "1 30d", "1:", "1: d", "1: 30", "1: 30x", "1: -1d", "1: 1.5d", "1: never"})
    EXPECT_THAT(parse_retention_rule(text).error(), HasSubstr("names no age")) << text;
  for (const char* text : {": 1d", "a: 1d", "65536: 1d", "-1: 1d", "5-1: 1d", "1-: 1d", "1;2: 1d",
                           "1-2-3: 1d", "**: 1d"})
    EXPECT_THAT(parse_retention_rule(text).error(), HasSubstr("names no kinds")) << text;
  EXPECT_THAT(parse_retention_rule("1: 1001y").error(), HasSubstr("1000 years"));
  EXPECT_THAT(parse_retention_rule("1: 99999999999999999999d").error(), HasSubstr("names no age"));
}

TEST(Retention, FirstRuleThatCoversAKindCounts) {
  const Retention retention = rules({"1: 2d", "1-7: 1d", "0: forever", "*: 3d"});
  const std::int64_t now = 100 * day_s;
  EXPECT_FALSE(retention.is_due(note("1", now - day_s), now));
  EXPECT_TRUE(retention.is_due(note("2", now - day_s), now));
  EXPECT_FALSE(retention.is_due(note("0", 0), now));
  EXPECT_TRUE(retention.is_due(note("9", now - 3 * day_s), now));
  EXPECT_FALSE(Retention().is_due(note("1", 0), now));
}

TEST(Retention, AgeEndsInItsVerySecondAndCountsForGiftWrapsFromTwoDaysLater) {
  const Retention retention = rules({"*: 1d"});
  const std::int64_t now = 100 * day_s;
  EXPECT_TRUE(retention.is_due(note("1", now - day_s), now));
  EXPECT_FALSE(retention.is_due(note("1", now - day_s + 1), now));
  EXPECT_TRUE(retention.is_due(note("1059", now - 3 * day_s), now));
  EXPECT_FALSE(retention.is_due(note("1059", now - 3 * day_s + 1), now));
}

TEST(Retention, RefusalNamesTheRule) {
  const Retention retention = rules({"4: 0", "*: 36h"});
  const std::int64_t now = 100 * day_s;
  EXPECT_EQ(retention.refusal_of(note("4", now), now),
            "blocked: events of kind 4 are not kept here");
  EXPECT_EQ(retention.refusal_of(note("1", now - 2 * day_s), now),
            "invalid: events of kind 1 are kept for 36 hours here, and this one is older");
  EXPECT_EQ(retention.refusal_of(note("1", now), now), "");
}

TEST(Retention, ClockFarOffOrEventOfTheFutureIsNoOverflow) {
  const Retention retention = rules({"*: 1000y"});
  EXPECT_FALSE(retention.is_due(note("1", std::numeric_limits<std::int64_t>::max()), 0));
  EXPECT_FALSE(retention.is_due(note("1", 0), 0));
}

TEST(Retention, IsShownAsNip11HadIt) {
  EXPECT_EQ(rules({"1 6: 1m", "1000-1999: 0", "0: forever", "*: 1h"}).to_json(),
            R"([{"kinds":[1,6],"time":60},{"kinds":[[1000,1999]],"time":0},)"
            R"({"kinds":[0],"time":null},{"time":3600}])");
  EXPECT_EQ(Retention().to_json(), "");
}
