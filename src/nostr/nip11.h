#pragma once
// The relay information document (NIP-11): made from what is on and enforced, nothing else.
#include <string>
#include <vector>

#include "base/limits.h"

namespace nostr {

struct RelayInfo {
  std::string name, description, pubkey, contact, icon, version;
  std::vector<int> supported_nips;  ///< any order; written sorted, each once
  bool auth_required = false;
  bool restricted_writes = false;
  base::Limits limits;
};

/// JSON, UTF-8.
[[nodiscard]] std::string information_document(const RelayInfo& info);

}  // namespace nostr
