#include "config/retention.h"

#include <fmt/format.h>

namespace config {
namespace {

constexpr std::size_t max_rules = 100;

std::optional<std::string> check(const std::vector<std::string>& rules) {
  if (rules.size() > max_rules)
    return fmt::format("has {} entries; {} are the most", rules.size(), max_rules);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (const auto rule = nostr::parse_retention_rule(rules[i]); !rule)
      return fmt::format("entry {} of {}: {}", i + 1, rules.size(), rule.error());
  }
  return std::nullopt;
}

}  // namespace

void declare(base::Settings& settings, Retention& retention) {
  settings.add({"retention",
                "rules",
                "How long events are kept, by kind: \"1 6 7: 30d\", \"1000-1999: 12h\", \"4: 0\" "
                "(not kept: refused), "
                "\"0 3: forever\", \"*: 3y\". The first rule that covers a kind counts, others are "
                "kept for ever. Age "
                "counts from created_at, for gift wraps (1059) from two days later.",
                &retention.rules,
                [&retention] { return check(retention.rules); },
                {},
                true});
}

nostr::Retention rules_of(const Retention& retention) {
  std::vector<nostr::RetentionRule> rules;
  for (const std::string& text : retention.rules)
    if (auto rule = nostr::parse_retention_rule(text)) rules.push_back(*std::move(rule));
  return nostr::Retention(std::move(rules));
}

}  // namespace config
