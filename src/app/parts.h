#pragma once
#include <memory>

#include "app/settings.h"
#include "base/log.h"
#include "extensions/access/extension.h"
#include "extensions/auth/extension.h"
#include "extensions/management/extension.h"
#include "extensions/metrics/extension.h"
#include "extensions/mls_gateway/extension.h"
#include "extensions/rate_limiter/extension.h"
#include "extensions/retention/extension.h"
#include "extensions/search/extension.h"
#include "extensions/write_policy/extension.h"
#include "relay/admission.h"

namespace app {

/// The extensions that the configuration switches on, for the relay and for commands that do its work without it.
struct Parts {
  Parts(const Settings& settings, const base::Log& log);

  /// Takes over what a reload may change. Thread-safe as the extensions are.
  void configure(const Settings& settings) const;
  [[nodiscard]] relay::Extensions all() const;

  std::shared_ptr<extensions::access::Access> access;
  std::shared_ptr<extensions::rate_limiter::RateLimiter> rate_limiter;
  std::shared_ptr<extensions::write_policy::WritePolicy> write_policy;
  std::shared_ptr<extensions::auth::Auth> auth;                  ///< null when off
  std::shared_ptr<extensions::mls_gateway::MlsGateway> gateway;  ///< null when off
  std::shared_ptr<extensions::search::Search> search;            ///< null when off
  std::shared_ptr<extensions::retention::Retention> retention;
  std::shared_ptr<extensions::metrics::Metrics> metrics;  ///< null when off
  std::shared_ptr<extensions::management::Management> management;
};

/// Where nobody connects, floods or asks for metrics, as in a command: what rations clients is off, what events may be is
/// not.
[[nodiscard]] Settings without_rations(Settings settings);

}  // namespace app
