#include "extensions/management/config.h"

#include <algorithm>

#include "nostr/nip19.h"

namespace extensions::management {
namespace {

constexpr std::int64_t most_entries = 50'000;

std::optional<std::string> bad_key(const std::string& entry) {
  auto key = nostr::parse_public_key(entry);
  return key ? std::optional<std::string>{} : std::move(key.error());
}

}  // namespace

void declare(base::Settings& settings, Config& config) {
  settings.add({"management",
                "admin_keys",
                "Public keys (hex or npub1…) that may manage the running relay over HTTP (NIP-86, "
                "docs/management.md). [] = nobody.",
                &config.admin_keys,
                base::each(config.admin_keys, bad_key),
                {},
                true});
  settings.add(
      {"management",
       "max_entries",
       "Most keys, and most events, that a list of NIP-86 holds; of addresses and of kinds "
       "at most 1000.",
       &config.max_entries,
       base::in_range(config.max_entries, 1, most_entries),
       {},
       true});
}

std::vector<nostr::PublicKey> admins(const Config& config) {
  std::vector<nostr::PublicKey> keys;
  for (const auto& text : config.admin_keys) keys.push_back(nostr::parse_public_key(text).value());
  std::ranges::sort(keys);
  return keys;
}

}  // namespace extensions::management
