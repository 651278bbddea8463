#pragma once
#include <string>
#include <vector>

#include "base/settings.h"

namespace extensions::access {

/// `[extensions.access]`, as written. An empty allow list allows everybody.
struct Config {
  std::vector<std::string> allow_pubkeys{};  ///< hex or npub
  std::vector<std::string> deny_pubkeys{};
  std::vector<std::string> allow_kinds{};  ///< of nostr::KindSet
  std::vector<std::string> deny_kinds{};
  std::vector<std::string> open_kinds{};       ///< taken from everybody despite allow_pubkeys
  std::vector<std::string> allow_addresses{};  ///< of base::parse_ip_network()
  std::vector<std::string> deny_addresses{};

  bool auth_offered = true;  ///< can a client prove a key? Filled by the app
};

/// Declares every key with its help, check and default. `config` must outlive `settings`.
void declare(base::Settings& settings, Config& config);

}  // namespace extensions::access
