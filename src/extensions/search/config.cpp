#include "extensions/search/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace extensions::search {
namespace {

base::Setting::Check public_kinds(const std::vector<std::int64_t>& kinds) {
  return [&kinds]() -> std::optional<std::string> {
    for (const std::int64_t kind : kinds) {
      if (kind < 0 || kind > 65535) return fmt::format("{} is not a kind; write 0 to 65535", kind);
      if (is_private(static_cast<nostr::Kind>(kind)))
        return fmt::format("kind {} is for its readers alone and is never searched; leave it out",
                           kind);
    }
    return std::nullopt;
  };
}

}  // namespace

bool is_private(nostr::Kind kind) {
  using namespace nostr::kind;
  constexpr std::array<nostr::Kind, 10> kinds{
      encrypted_dm, seal,      key_package,         welcome,    noise_dm, group_message,
      roster,       gift_wrap, ephemeral_gift_wrap, client_auth};
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool Config::finds(nostr::Kind kind) const {
  return !is_private(kind) && std::ranges::find(kinds, kind) != kinds.end();
}

void declare(base::Settings& settings, Config& config) {
  const std::string section = "extensions.search";
  settings.add({section,
                "enabled",
                "Find events by their words (NIP-50); events that came before it was on are not "
                "found.",
                &config.enabled,
                {},
                {}});
  settings.add({section,
                "kinds",
                "Kinds that are searched; those that are gated or encrypted cannot be.",
                &config.kinds,
                public_kinds(config.kinds),
                {},
                true});
  settings.add({section,
                "candidates",
                "Events that one search looks at: the newest that hold its rarest word.",
                &config.candidates,
                base::in_range(config.candidates, 100, 20'000),
                {},
                true});
}

}  // namespace extensions::search
