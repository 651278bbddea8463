#pragma once
// How long events are kept, by kind: rules of an operator, as values. Pure.
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nostr/event.h"
#include "nostr/kinds.h"

namespace nostr {

/// Kinds, and the age up to which their events are kept.
struct RetentionRule {
  std::vector<std::pair<Kind, Kind>> kinds;  ///< ranges, both ends included
  std::optional<std::int64_t> keep_s;        ///< nullopt: for ever; 0: not at all

  [[nodiscard]] bool covers(Kind kind) const;
  [[nodiscard]] bool is_for_all() const;
};

/// The rules in order; the first that covers a kind counts, what none covers is kept for ever.
///
/// Age counts from created_at: that is what is stored, and what everyone can check. Gift wraps (1059) bear a time of up
/// to two days before they were sent (NIP-59): they are given these two days on top.
class Retention {
 public:
  Retention() = default;
  explicit Retention(std::vector<RetentionRule> rules) : rules_(std::move(rules)) {}

  [[nodiscard]] const std::vector<RetentionRule>& rules() const { return rules_; }
  /// nullptr: kept for ever, because no rule covers it.
  [[nodiscard]] const RetentionRule* rule_for(Kind kind) const;
  /// Its time is over, or it has none.
  [[nodiscard]] bool is_due(const Event& event, base::UnixSeconds now) const;
  /// Why an event that arrives now is not taken, with its prefix; "" if it is.
  [[nodiscard]] std::string refusal_of(const Event& event, base::UnixSeconds now) const;
  /// NIP-11's `retention`: a JSON array, one object a rule; "" without rules.
  [[nodiscard]] std::string to_json() const;

 private:
  std::vector<RetentionRule> rules_;
};

/// "1,6,7: 30d", "1000-1999: 12h", "*: 3y", "4: 0", "0 3: forever"; s, m, h, d, w and y (365 days). The error says what is
/// wrong and how to write it.
[[nodiscard]] std::expected<RetentionRule, std::string> parse_retention_rule(std::string_view text);

}  // namespace nostr
