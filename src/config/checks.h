#pragma once
// Checks of settings that more than one section uses.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"

namespace config {

using Problem = std::optional<std::string>;

/// The first entry that `check` finds fault with, by its number. `list` must outlive the check.
template <typename Check>
base::Setting::Check each(const std::vector<std::string>& list, Check check) {
  return [&list, check]() -> Problem {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (Problem problem = check(list[i]))
        return fmt::format("entry {} of {}: {}", i + 1, list.size(), *problem);
    return std::nullopt;
  };
}

}  // namespace config
