#pragma once
#include <vector>

#include "nostr/event.h"

namespace extensions::auth {

struct Config {
  bool required = false;    ///< everything needs an authenticated connection
  bool restricted = false;  ///< only `allowed` is admitted; an empty list then admits nobody
  std::vector<nostr::PublicKey> allowed;  ///< sorted
};

}  // namespace extensions::auth
