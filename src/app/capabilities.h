#pragma once
#include <string>
#include <utility>
#include <vector>

#include "extensions/mls_gateway/config.h"

namespace app {

/// What the gateway adds to the relay information document: members of its object, each a name and its JSON. None when the
/// gateway is off. Says nothing that a client could not find out by trying.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> capabilities(
    const extensions::mls_gateway::Config& gateway);

}  // namespace app
