#include "app/parts.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace app {
namespace {

extensions::auth::Config auth_config(const config::Auth& auth) {
  auto allowed = config::whitelist(auth);
  if (allowed) std::ranges::sort(*allowed);
  return {.required = auth.required,
          .restricted = allowed.has_value(),
          .allowed = std::move(allowed).value_or(std::vector<nostr::PublicKey>{})};
}

}  // namespace

Parts::Parts(const Settings& settings, const base::Log& log)
    : access(std::make_shared<extensions::access::Access>(settings.access)),
      rate_limiter(std::make_shared<extensions::rate_limiter::RateLimiter>(settings.rate_limiter)),
      write_policy(
          std::make_shared<extensions::write_policy::WritePolicy>(settings.write_policy, log)),
      auth(settings.core.auth.enabled
               ? std::make_shared<extensions::auth::Auth>(auth_config(settings.core.auth))
               : nullptr),
      gateway(settings.gateway.enabled
                  ? std::make_shared<extensions::mls_gateway::MlsGateway>(settings.gateway, log)
                  : nullptr),
      search(settings.search.enabled ? std::make_shared<extensions::search::Search>(settings.search)
                                     : nullptr),
      retention(std::make_shared<extensions::retention::Retention>(
          config::rules_of(settings.core.retention))),
      metrics(settings.metrics.on()
                  ? std::make_shared<extensions::metrics::Metrics>(settings.metrics)
                  : nullptr),
      management(std::make_shared<extensions::management::Management>(settings.management, log)) {}

void Parts::configure(const Settings& settings) const {
  access->configure(settings.access);
  rate_limiter->configure(settings.rate_limiter);
  write_policy->configure(settings.write_policy);
  if (auth) auth->configure(auth_config(settings.core.auth));
  if (gateway) gateway->configure(settings.gateway);
  if (search) search->configure(settings.search);
  retention->configure(config::rules_of(settings.core.retention));
  management->configure(settings.management);
}

relay::Extensions Parts::all() const {
  // Asked in this order: cheap refusals first, and a budget pays for nothing that they refuse.
  const std::initializer_list<std::shared_ptr<const relay::Extension>> each = {
      access, management, auth, retention, rate_limiter, gateway, write_policy, search, metrics};
  relay::Extensions on;
  std::ranges::copy_if(each, std::back_inserter(on),
                       [](const auto& extension) { return extension != nullptr; });
  return on;
}

Settings without_rations(Settings settings) {
  settings.core.auth.required = false;
  settings.gateway.rate_limits = {};
  settings.rate_limiter.rules.clear();
  settings.access.allow_addresses.clear();  // a command has no address
  settings.access.deny_addresses.clear();
  settings.metrics = {};
  return settings;
}

}  // namespace app
