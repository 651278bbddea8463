#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "base/budgets.h"
#include "nostr/kind_set.h"

namespace extensions::rate_limiter {

inline constexpr std::size_t max_rules = 32;

/// What a client does that costs.
enum class Deed { connect, auth, req, event };

/// Who has a budget of his own.
enum class Payer {
  key,      ///< the first proved key, else the address
  author,   ///< who signed the event
  address,  ///< the client's address, /64 for IPv6
  tag,      ///< the first value of a tag of the event: a recipient, a group
  relay     ///< everybody together
};

/// One limit. A value.
struct Rule {
  std::string text{};  ///< as written: keeps its budgets apart from those of other rules
  Deed deed = Deed::event;
  nostr::KindSet kinds{};  ///< of events; empty = all
  base::Budgets::Rate rate{};
  Payer payer = Payer::key;
  char tag = 0;
};

/// `<what>: <number>/<period> per <whom>`
///   what     events | kinds 1,7,30000-39999 | reqs (REQ, COUNT) | auths | connections
///   period   second | minute | hour | day | 10s | 5m | 2h | 1d
///   whom     key | author | address | #p (or another tag's letter) | relay
/// The error says which part is wrong and what may stand there.
[[nodiscard]] std::expected<Rule, std::string> parse_rule(std::string_view text);

}  // namespace extensions::rate_limiter
