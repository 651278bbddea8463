// What operators write in [extensions.access] and [extensions.rate_limiter]: mistakes are named
// with line and entry.
#include <gmock/gmock.h>

#include "config/load.h"
#include "extensions/access/config.h"
#include "extensions/rate_limiter/config.h"

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Loading {
  extensions::access::Config access;
  extensions::rate_limiter::Config limiter;
  base::Settings settings;

  Loading() {
    extensions::access::declare(settings, access);
    extensions::rate_limiter::declare(settings, limiter);
  }
  std::vector<std::string> errors_of(
      const std::string& text,
      const config::Environment& environment = [](auto) { return std::nullopt; }) {
    const auto loaded = config::load(settings, {"test.toml", text}, environment);
    return loaded ? std::vector<std::string>{} : loaded.error();
  }
};

TEST(OperatorConfig, EveryListNamesItsBadEntryAndWhatMayStandThere) {
  const std::string key(64, 'a');
  Loading it;
  const auto errors = it.errors_of("[extensions.access]\nallow_pubkeys = [\"" + key +
                                   "\", \"nobody\"]\ndeny_kinds = [\"x\"]\n"
                                   "deny_addresses = [\"localhost\"]\n");
  EXPECT_THAT(errors,
              testing::UnorderedElementsAre(
                  AllOf(HasSubstr("test.toml:2: extensions.access.allow_pubkeys: entry 2 of 2: "),
                        HasSubstr("npub1"), testing::Not(HasSubstr("nobody"))),
                  AllOf(HasSubstr("test.toml:3: extensions.access.deny_kinds: entry 1 of 1: "),
                        HasSubstr("30000-39999")),
                  AllOf(HasSubstr("test.toml:4: extensions.access.deny_addresses: entry 1 of 1: "),
                        HasSubstr("192.0.2.0/24"))));
}

TEST(OperatorConfig, TooManyRulesAreRefused) {
  std::string rules;
  for (int i = 0; i < 33; ++i) rules += "\"events: 1/minute per key\",";
  Loading it;
  EXPECT_THAT(it.errors_of("[extensions.rate_limiter]\nrules = [" + rules + "]"),
              ElementsAre(HasSubstr("has 33 rules; 32 at most")));
}

TEST(OperatorConfig, RulesOfSeveralKindsFitIntoAnEnvironmentVariable) {
  Loading it;
  EXPECT_THAT(it.errors_of("",
                           [](std::string_view name) -> std::optional<std::string> {
                             if (name != "MLS_GATEWAY_EXTENSIONS_RATE_LIMITER_RULES")
                               return std::nullopt;
                             return "kinds 1 7: 10/10s per address, reqs: 5/minute per key";
                           }),
              testing::IsEmpty());
  EXPECT_THAT(it.limiter.rules,
              ElementsAre("kinds 1 7: 10/10s per address", "reqs: 5/minute per key"));
}

}  // namespace
