#include "nostr/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace nostr {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t back_dating_s = 2 * day_s;
constexpr std::int64_t longest_s = 1000 * 365 * day_s;
constexpr Kind last_kind = std::numeric_limits<Kind>::max();
constexpr std::size_t max_ranges = 1000;

struct Unit {
  char letter;
  std::int64_t seconds;
  std::string_view name;
};
constexpr Unit units[] = {{'y', 365 * day_s, "year"}, {'w', 7 * day_s, "week"}, {'d', day_s, "day"},
                          {'h', 3600, "hour"},        {'m', 60, "minute"},      {'s', 1, "second"}};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The whole of `text` as a plain decimal number.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::unexpected<std::string> bad_kinds() {
  return std::unexpected<std::string>(
      "names no kinds; write numbers from 0 to 65535 and ranges, like \"1,6,1000-1999: 30d\", or "
      "\"*: 30d\" for all");
}

std::unexpected<std::string> bad_age() {
  return std::unexpected<std::string>(
      "names no age; write a number with s, m, h, d, w or y behind the colon, like \"1: 30d\", 0 "
      "for kinds that are not kept, or \"forever\"");
}

std::optional<std::pair<Kind, Kind>> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = number_in<Kind>(text.substr(0, dash));
  const auto last = dash == text.npos ? first : number_in<Kind>(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return std::pair(*first, *last);
}

std::expected<std::vector<std::pair<Kind, Kind>>, std::string> parse_kinds(std::string_view text) {
  if (trimmed(text) == "*") return std::vector{std::pair(Kind{0}, last_kind)};
  std::vector<std::pair<Kind, Kind>> kinds;
  for (auto rest = text; !rest.empty();) {
    const auto end = std::min(rest.find_first_of(", "), rest.size());
    const auto range = parse_range(rest.substr(0, end));
    if (end > 0 && (!range || kinds.size() == max_ranges)) return bad_kinds();
    if (end > 0) kinds.push_back(*range);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (kinds.empty()) return bad_kinds();
  return kinds;
}

std::expected<std::optional<std::int64_t>, std::string> parse_age(std::string_view text) {
  if (text == "forever") return std::nullopt;
  if (text == "0") return 0;
  if (text.empty()) return bad_age();
  const auto* const unit = std::ranges::find(units, text.back(), &Unit::letter);
  const auto number = number_in<std::int64_t>(text.substr(0, text.size() - 1));
  if (unit == std::end(units) || !number || *number < 0) return bad_age();
  if (*number > longest_s / unit->seconds)
    return std::unexpected("is longer than 1000 years; write \"forever\"");
  return *number * unit->seconds;
}

/// "30 days", for people.
std::string age_text(std::int64_t age_s) {
  for (const Unit& unit : units)
    if (const std::int64_t count = age_s / unit.seconds; count * unit.seconds == age_s)
      return fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s");
  return {};
}

std::int64_t back_dating_of(Kind kind) { return kind == kind::gift_wrap ? back_dating_s : 0; }

void append_json(std::string& out, const RetentionRule& rule) {
  out += '{';
  if (!rule.is_for_all()) {
    out += R"("kinds":[)";
    for (const auto& [first, last] : rule.kinds) {
      out += first == last ? fmt::format("{},", first) : fmt::format("[{},{}],", first, last);
    }
    out.back() = ']';
    out += ',';
  }
  out += rule.keep_s ? fmt::format(R"("time":{}}},)", *rule.keep_s) : R"("time":null},)";
}

}  // namespace

bool RetentionRule::covers(Kind kind) const {
  return std::ranges::any_of(
      kinds, [kind](const auto& range) { return range.first <= kind && kind <= range.second; });
}

bool RetentionRule::is_for_all() const {
  return std::ranges::find(kinds, std::pair(Kind{0}, last_kind)) != kinds.end();
}

const RetentionRule* Retention::rule_for(Kind kind) const {
  const auto rule =
      std::ranges::find_if(rules_, [kind](const auto& each) { return each.covers(kind); });
  return rule == rules_.end() ? nullptr : &*rule;
}

bool Retention::is_due(const Event& event, base::UnixSeconds now) const {
  const RetentionRule* rule = rule_for(event.kind);
  if (!rule || !rule->keep_s) return false;
  if (*rule->keep_s == 0) return true;
  return event.created_at <= now - *rule->keep_s - back_dating_of(event.kind);
}

std::string Retention::refusal_of(const Event& event, base::UnixSeconds now) const {
  if (!is_due(event, now)) return {};
  const std::int64_t keep_s = *rule_for(event.kind)->keep_s;
  if (keep_s == 0) return fmt::format("blocked: events of kind {} are not kept here", event.kind);
  return fmt::format("invalid: events of kind {} are kept for {} here, and this one is older",
                     event.kind, age_text(keep_s));
}

std::string Retention::to_json() const {
  if (rules_.empty()) return {};
  std::string out = "[";
  for (const RetentionRule& rule : rules_) append_json(out, rule);
  out.back() = ']';
  return out;
}

std::expected<RetentionRule, std::string> parse_retention_rule(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return bad_age();
  auto kinds = parse_kinds(text.substr(0, colon));
  if (!kinds) return std::unexpected(std::move(kinds.error()));
  const auto keep_s = parse_age(trimmed(text.substr(colon + 1)));
  if (!keep_s) return std::unexpected(keep_s.error());
  return RetentionRule{.kinds = *std::move(kinds), .keep_s = *keep_s};
}

}  // namespace nostr
