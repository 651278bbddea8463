#include "app/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/load.h"
#include "nostr/nip19.h"

namespace app {
namespace {

/// Who may found gated groups, from the policy and the list it names.
void settle_founders(Settings& settings) {
  auto& gateway = settings.gateway;
  for (const auto& text : gateway.admin_keys)
    gateway.operators.push_back(*nostr::parse_public_key(text));
  std::ranges::sort(gateway.operators);
  if (gateway.group_creation == "anyone") return;
  gateway.founders_restricted = true;
  if (gateway.group_creation == "allowlist") {
    gateway.founders =
        config::whitelist(settings.core.auth).value_or(std::vector<nostr::PublicKey>{});
  } else {
    gateway.founders = gateway.operators;
  }
  std::ranges::sort(gateway.founders);
}

}  // namespace

base::Settings declare(Settings& settings) {
  base::Settings all;
  config::declare(all, settings.core);
  extensions::mls_gateway::declare(all, settings.gateway);
  return all;
}

bool load(Settings& settings, const std::string& config_path) {
  const base::Settings declared = declare(settings);
  const auto source = config::read_source(config_path);
  if (!source) {
    fmt::print(stderr, "{}\n", source.error());
    return false;
  }
  const auto loaded = config::load(declared, *source, config::process_environment);
  if (!loaded) {
    for (const auto& error : loaded.error()) fmt::print(stderr, "{}\n", error);
    return false;
  }
  for (const auto& warning : loaded->warnings) fmt::print(stderr, "warning: {}\n", warning);
  if (const auto wrong = extensions::mls_gateway::contradiction(settings.gateway); !wrong.empty()) {
    fmt::print(stderr, "[extensions.mls_gateway]: {}\n", wrong);
    return false;
  }
  settle_founders(settings);
  return true;
}

}  // namespace app
