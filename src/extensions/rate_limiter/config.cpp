#include "extensions/rate_limiter/config.h"

#include <fmt/format.h>

#include "base/ip_network.h"
#include "extensions/rate_limiter/rule.h"
#include "nostr/nip19.h"

namespace extensions::rate_limiter {
namespace {

using Problem = std::optional<std::string>;

/// What is wrong with an entry, where `parse` says it as the error of an expected.
template <typename Parse>
auto fault_of(Parse parse) {
  return [parse](const std::string& entry) -> Problem {
    auto parsed = parse(entry);
    return parsed ? Problem{} : Problem{std::move(parsed.error())};
  };
}

}  // namespace

void declare(base::Settings& settings, Config& config) {
  const std::string section = "extensions.rate_limiter";
  settings.add({section,
                "rules",
                "Limits like \"events: 60/minute per key\", \"kinds 1,7: 10/10s per address\", "
                "\"reqs: 100/minute per address\"; each that fits is charged. [] = none.",
                &config.rules,
                [&config, rules = base::each(config.rules, fault_of(parse_rule))]() -> Problem {
                  if (config.rules.size() <= max_rules) return rules();
                  return fmt::format("has {} rules; {} at most", config.rules.size(), max_rules);
                },
                {},
                true});
  settings.add({section,
                "exempt_addresses",
                "Addresses and networks that no rule concerns, like \"192.0.2.0/24\".",
                &config.exempt_addresses,
                base::each(config.exempt_addresses, fault_of(base::parse_ip_network)),
                {},
                true});
  settings.add({section,
                "exempt_pubkeys",
                "Public keys (hex or npub1…) that no rule concerns, as author of an event or as a "
                "key that the connection proved.",
                &config.exempt_pubkeys,
                base::each(config.exempt_pubkeys, fault_of(nostr::parse_public_key)),
                {},
                true});
}

}  // namespace extensions::rate_limiter
