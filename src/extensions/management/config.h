#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/settings.h"
#include "nostr/event.h"

namespace extensions::management {

/// `[management]`, as written.
struct Config {
  std::vector<std::string> admin_keys{};  ///< hex or npub; nobody may manage while it is empty
  std::int64_t max_entries = 10'000;      ///< of one list

  // Filled by the app from what else is configured.
  std::vector<std::string> open_kinds{};  ///< `[extensions.access] open_kinds`
  bool auth_offered = true;               ///< can a client prove a key?
};

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

/// REQUIRES: `config` passed its checks. Sorted.
[[nodiscard]] std::vector<nostr::PublicKey> admins(const Config& config);

}  // namespace extensions::management
