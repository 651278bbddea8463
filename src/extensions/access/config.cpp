#include "extensions/access/config.h"

#include "base/ip_network.h"
#include "nostr/kind_set.h"
#include "nostr/nip19.h"

namespace extensions::access {
namespace {

using Problem = std::optional<std::string>;
using List = std::vector<std::string>;

/// What is wrong with an entry, where `parse` says it as the error of an expected.
template <typename Parse>
Problem fault(const Parse& parse, const std::string& entry) {
  auto parsed = parse(entry);
  return parsed ? Problem{} : Problem{std::move(parsed.error())};
}

Problem bad_key(const std::string& entry) { return fault(nostr::parse_public_key, entry); }
Problem bad_kinds(const std::string& entry) { return fault(nostr::KindSet::parse, entry); }
Problem bad_network(const std::string& entry) { return fault(base::parse_ip_network, entry); }

}  // namespace

void declare(base::Settings& settings, Config& config) {
  const auto add = [&](std::string key, std::string help, List& list,
                       Problem (*bad)(const std::string&)) {
    settings.add({"extensions.access",
                  std::move(key),
                  std::move(help),
                  &list,
                  base::each(list, bad),
                  {},
                  true});
  };
  add("allow_pubkeys",
      "Public keys (hex or npub1…) that may publish, as author of an event or as a key that the "
      "connection proved; reading stays open. [] = everybody.",
      config.allow_pubkeys, bad_key);
  add("open_kinds",
      "Kinds that everybody may publish despite allow_pubkeys, like [\"445\", \"1059\"], whose "
      "authors are one-time keys.",
      config.open_kinds, bad_kinds);
  add("deny_pubkeys",
      "Public keys (hex or npub1…) that may neither publish nor ask, nor be proved.",
      config.deny_pubkeys, bad_key);
  add("allow_kinds", "Kinds that are taken, like [\"0-9\", \"443-446\", \"1059\"]; [] = all.",
      config.allow_kinds, bad_kinds);
  add("deny_kinds", "Kinds that are not taken.", config.deny_kinds, bad_kinds);
  add("allow_addresses",
      "Addresses and networks that may connect, like \"192.0.2.0/24\" or \"2001:db8::/32\"; [] = "
      "all.",
      config.allow_addresses, bad_network);
  add("deny_addresses", "Addresses and networks that may not connect.", config.deny_addresses,
      bad_network);
}

}  // namespace extensions::access
