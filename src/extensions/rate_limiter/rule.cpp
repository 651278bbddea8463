#include "extensions/rate_limiter/rule.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace extensions::rate_limiter {
namespace {

using base::trimmed;
using Fault = std::unexpected<std::string>;

constexpr std::int64_t max_period_s = 30 * 86'400;

/// What stands before and behind the first `mark`; nullopt without one.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text,
                                                                   std::string_view mark) {
  const auto at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  return std::pair{trimmed(text.substr(0, at)), trimmed(text.substr(at + mark.size()))};
}

/// A positive number that `text` begins with; takes it away.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 1) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

template <typename T, std::size_t size>
using Names = std::array<std::pair<std::string_view, T>, size>;

template <typename T, std::size_t size>
std::optional<T> named(const Names<T, size>& names, std::string_view name) {
  for (const auto& [known, value] : names)
    if (known == name) return value;
  return std::nullopt;
}

constexpr Names<std::int64_t, 8> units = {{{"s", 1},
                                           {"m", 60},
                                           {"h", 3600},
                                           {"d", 86'400},
                                           {"second", 1},
                                           {"minute", 60},
                                           {"hour", 3600},
                                           {"day", 86'400}}};
constexpr Names<Deed, 4> deeds = {{{"events", Deed::event},
                                   {"reqs", Deed::req},
                                   {"auths", Deed::auth},
                                   {"connections", Deed::connect}}};
constexpr Names<Payer, 4> payers = {{{"key", Payer::key},
                                     {"author", Payer::author},
                                     {"address", Payer::address},
                                     {"relay", Payer::relay}}};

std::expected<void, std::string> read_deed(Rule& rule, std::string_view what) {
  if (const auto deed = named(deeds, what)) {
    rule.deed = *deed;
    return {};
  }
  if (!what.starts_with("kinds "))
    return Fault(fmt::format(
        "\"{}\" cannot be limited; use events, kinds 1,7, reqs, auths or connections", what));
  auto kinds = nostr::KindSet::parse(what.substr(6));
  if (!kinds) return Fault(std::move(kinds.error()));
  rule.kinds = *std::move(kinds);
  return {};
}

std::expected<void, std::string> read_rate(Rule& rule, std::string_view number,
                                           std::string_view period) {
  const auto count = take_number(number);
  if (!count || !number.empty())
    return Fault(
        "before the slash stands how many, from 1; what nobody may send at all belongs in "
        "[extensions.access] deny_kinds");
  const std::int64_t times = take_number(period).value_or(1);
  const auto unit = named(units, period);
  if (!unit || times > max_period_s / *unit)
    return Fault(
        "the period is second, minute, hour or day, or like 10s, 5m, 2h, 1d; 30 days at "
        "most");
  rule.rate = {*count, times * *unit};
  if (*count > rule.rate.period_s * 1000)
    return Fault("more than 1000 a second cannot be told from no limit; leave the rule out");
  return {};
}

std::expected<void, std::string> read_payer(Rule& rule, std::string_view whom) {
  const bool tag = whom.size() == 2 && whom[0] == '#';
  const auto payer = tag ? Payer::tag : named(payers, whom);
  if (!payer)
    return Fault(fmt::format(
        "\"per {}\" is not known; use per key, author, address, relay, or a tag like #p", whom));
  rule.payer = *payer;
  if (tag) rule.tag = whom[1];
  const bool of_event = rule.payer == Payer::author || rule.payer == Payer::tag;
  if (of_event && rule.deed != Deed::event)
    return Fault("per author and per tag limit events alone; use per key, address or relay");
  return {};
}

}  // namespace

std::expected<Rule, std::string> parse_rule(std::string_view text) {
  constexpr auto form =
      "is not of the form \"events: 60/minute per key\" or \"kinds 1,7: 10/10s per address\"";
  const auto parts = split(text, ":");
  const auto limit = parts ? split(parts->second, " per ") : std::nullopt;
  const auto rate = limit ? split(limit->first, "/") : std::nullopt;
  if (!rate) return Fault(form);
  Rule rule{.text = std::string(trimmed(text))};
  auto read = read_deed(rule, parts->first);
  if (read) read = read_rate(rule, rate->first, rate->second);
  if (read) read = read_payer(rule, limit->second);
  if (!read) return Fault(std::move(read.error()));
  return rule;
}

}  // namespace extensions::rate_limiter
