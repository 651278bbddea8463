#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/settings.h"
#include "nostr/event.h"

namespace extensions::mls_gateway {

/// `[extensions.mls_gateway.rate_limits]`; 0 = no limit.
struct RateLimits {
  std::int64_t max_events_per_minute = 0;
  std::int64_t max_keypackages_per_hour = 0;
  std::int64_t max_group_messages_per_minute = 0;
  std::int64_t max_api_calls_per_minute = 300;  ///< of the REST API; not part of any()

  [[nodiscard]] bool any() const {
    return max_events_per_minute || max_keypackages_per_hour || max_group_messages_per_minute;
  }
};

/// `[extensions.mls_gateway]`. Times in seconds unless the name says otherwise.
struct Config {
  bool enabled = true;
  std::int64_t keypackage_ttl = 86'400;
  std::int64_t welcome_ttl = 3'600;
  bool enable_message_archive = true;
  std::int64_t message_archive_ttl_days = 30;
  std::int64_t max_keypackages_per_user = 100;
  std::string keypackage_validation = "log";   ///< "log" | "strict" | "off"
  std::string marmot = "capability";           ///< "capability" | "require-auth" | "off"
  std::string keypackage_delivery = "shared";  ///< "shared" | "single_use"
  std::string gift_wraps = "anyone";           ///< "anyone" | "authenticated"
  std::string membership = "giftwrap";         ///< "giftwrap" | "roster" | "acl"
  std::string acl_url{};
  std::string acl_token{};
  std::int64_t acl_timeout_ms = 2'000;
  std::int64_t group_cache_ttl = 60;
  std::int64_t keypackage_cache_ttl = 300;  ///< nothing of key packages is cached
  std::string invite_by = "members";        ///< "members" | "admins"
  std::string group_creation = "anyone";    ///< "anyone" | "allowlist" | "admins"
  std::string p_hint = "ignore";            ///< "ignore" | "narrow"
  bool enable_api = false;
  std::string api_prefix = "/api/v1/mls";
  std::vector<std::string> service_tokens{};  ///< bearer tokens of operators and sidecars
  RateLimits rate_limits{};
  std::vector<std::string> admin_keys{};  ///< as written: hex or npub

  /// Who may found a gated group, sorted; filled by the app from the allow list or admin_keys.
  bool founders_restricted = false;
  std::vector<nostr::PublicKey> founders{};
  std::vector<nostr::PublicKey> operators{};  ///< admin_keys, sorted; filled by the app
};

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

/// What no single key can say: "" or what is wrong with them together.
[[nodiscard]] std::string contradiction(const Config& config);

}  // namespace extensions::mls_gateway
