#pragma once
// [retention]: how long events are kept, by kind.
#include <string>
#include <vector>

#include "base/settings.h"
#include "nostr/retention.h"

namespace config {

struct Retention {
  std::vector<std::string> rules;
};

/// `retention` must outlive `settings`.
void declare(base::Settings& settings, Retention& retention);

/// REQUIRES: load() accepted it.
[[nodiscard]] nostr::Retention rules_of(const Retention& retention);

}  // namespace config
