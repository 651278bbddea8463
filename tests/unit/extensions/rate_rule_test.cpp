#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extensions/rate_limiter/rule.h"

namespace {

using extensions::rate_limiter::Deed;
using extensions::rate_limiter::parse_rule;
using extensions::rate_limiter::Payer;
using testing::HasSubstr;

TEST(RateRule, ReadsWhatIsLimitedHowOftenAndWhose) {
  const auto rule = parse_rule("  kinds 1,7 : 10 / 10s per address ").value();
  EXPECT_EQ(rule.text, "kinds 1,7 : 10 / 10s per address");
  EXPECT_EQ(rule.deed, Deed::event);
  EXPECT_TRUE(rule.kinds.contains(7) && !rule.kinds.contains(2));
  EXPECT_EQ(rule.rate.count, 10);
  EXPECT_EQ(rule.rate.period_s, 10);
  EXPECT_EQ(rule.payer, Payer::address);
}

TEST(RateRule, EveryPeriodIsUnderstood) {
  for (const auto& [period, seconds] :
       std::initializer_list<std::pair<const char*, int>>{{"second", 1},
                                                          {"minute", 60},
                                                          {"hour", 3600},
                                                          {"day", 86'400},
                                                          {"10s", 10},
                                                          {"5m", 300},
                                                          {"2h", 7200},
                                                          {"1d", 86'400}})
    EXPECT_EQ(parse_rule(std::string("events: 5/") + period + " per key").value().rate.period_s,
              seconds)
        << period;
}

TEST(RateRule, EveryDeedAndEveryPayerIsUnderstood) {
  EXPECT_EQ(parse_rule("events: 1/day per author").value().payer, Payer::author);
  EXPECT_EQ(parse_rule("reqs: 100/minute per key").value().deed, Deed::req);
  EXPECT_EQ(parse_rule("auths: 10/minute per address").value().deed, Deed::auth);
  EXPECT_EQ(parse_rule("connections: 1/s per relay").value().payer, Payer::relay);
  const auto rule = parse_rule("kinds 1059: 100/hour per #p").value();
  EXPECT_EQ(rule.payer, Payer::tag);
  EXPECT_EQ(rule.tag, 'p');
}

TEST(RateRule, WhatIsWrongIsNamedWithWhatMayStandThere) {
  const std::pair<const char*, const char*> wrong[] = {
      {"", "is not of the form"},
      {"events 60/minute per key", "is not of the form"},
      {"events: 60 per key", "is not of the form"},
      {"events: 60/minute", "is not of the form"},
      {"*: 60/minute per key", "\"*\" cannot be limited; use events"},
      {"kinds one: 60/minute per key", "like \"1,7,30000-39999\""},
      {"events: 0/minute per key", "deny_kinds"},
      {"events: -1/minute per key", "from 1"},
      {"events: many/minute per key", "from 1"},
      {"events: 1.5/minute per key", "from 1"},
      {"events: 99999999999999999999/minute per key", "from 1"},
      {"events: 60/fortnight per key", "second, minute, hour or day"},
      {"events: 60/0s per key", "second, minute, hour or day"},
      {"events: 60/31d per key", "30 days at most"},
      {"events: 60/99999999999d per key", "30 days at most"},
      {"events: 1001/second per key", "more than 1000 a second"},
      {"events: 60/minute per person", "\"per person\" is not known; use per key"},
      {"events: 60/minute per #", "is not known"},
      {"reqs: 60/minute per author", "limit events alone"},
      {"auths: 60/minute per #p", "limit events alone"},
  };
  for (const auto& [text, problem] : wrong) {
    const auto rule = parse_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_THAT(rule.error(), HasSubstr(problem)) << text;
  }
}

}  // namespace
