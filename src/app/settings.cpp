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
  extensions::rate_limiter::declare(all, settings.rate_limiter);
  extensions::access::declare(all, settings.access);
  extensions::write_policy::declare(all, settings.write_policy);
  extensions::search::declare(all, settings.search);
  extensions::metrics::declare(all, settings.metrics);
  extensions::management::declare(all, settings.management);
  return all;
}

std::expected<Lines, Lines> read(Settings& settings, const std::string& config_path) {
  const base::Settings declared = declare(settings);
  const auto source = config::read_source(config_path);
  if (!source) return std::unexpected(Lines{source.error()});
  auto loaded = config::load(declared, *source, config::process_environment);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  if (const auto wrong = extensions::mls_gateway::contradiction(settings.gateway); !wrong.empty())
    return std::unexpected(Lines{fmt::format("[extensions.mls_gateway]: {}", wrong)});
  if (settings.core.server.eose_hints && settings.gateway.enabled &&
      settings.gateway.membership == "acl")
    return std::unexpected(
        Lines{"[server] eose_hints: while the sidecar of membership = \"acl\" does not answer "
              "nobody can say that everything was sent; set it to false"});
  settle_founders(settings);
  settings.access.auth_offered = settings.core.auth.enabled;
  settings.management.auth_offered = settings.core.auth.enabled;
  settings.management.open_kinds = settings.access.open_kinds;
  return std::move(loaded->warnings);
}

bool load(Settings& settings, const std::string& config_path) {
  const auto warnings = read(settings, config_path);
  if (!warnings) {
    for (const auto& error : warnings.error()) fmt::print(stderr, "{}\n", error);
    return false;
  }
  for (const auto& warning : *warnings) fmt::print(stderr, "warning: {}\n", warning);
  return true;
}

Changes hold_back(Settings& next, const Settings& running) {
  Settings copy = running;
  const base::Settings now = declare(copy);
  const base::Settings then = declare(next);
  Changes changes;
  for (std::size_t i = 0; i < now.all().size(); ++i) {
    const base::Setting& setting = then.all()[i];
    const auto settle = [&](auto* target) {
      const auto& is = *std::get<decltype(target)>(now.all()[i].target);
      if (*target == is) return;
      (setting.live ? changes.live : changes.held_back).push_back(setting.path());
      if (!setting.live) *target = is;
    };
    std::visit(settle, setting.target);
  }
  return changes;
}

}  // namespace app
