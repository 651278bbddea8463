#pragma once
#include <string>
#include <vector>

#include "base/settings.h"

namespace config {

/// `[info]`: what the operator says about the relay (NIP-11). Empty: not said.
struct Info {
  std::string name = "mls-gateway";
  std::string description = "A Nostr relay with an MLS gateway";
  std::string pubkey{}, self{}, contact{}, icon{}, banner{};
  std::string terms_of_service{}, privacy_policy{}, posting_policy{};
  std::vector<std::string> relay_countries{}, language_tags{}, tags{};
  std::string payments_url{};
  std::string software = "mls-gateway";
  std::vector<std::string> fees{};  ///< as nostr::parse_fee() reads them
};

/// `info` must outlive `settings`.
void declare(base::Settings& settings, Info& info);

}  // namespace config
