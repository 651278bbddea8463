#pragma once
// Loads a text as config/test.toml, with an environment made of a map.
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/load.h"

struct Loading {
  config::Config config;
  base::Settings settings;
  std::map<std::string, std::string, std::less<>> variables;
  std::vector<std::string> warnings;

  Loading() { declare(settings, config); }
  Loading(const Loading&) = delete;

  /// The errors; none when it loaded.
  std::vector<std::string> load(const std::string& toml) {
    const auto environment = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    auto loaded = config::load(settings, {"config/test.toml", toml}, environment);
    if (!loaded) return loaded.error();
    warnings = loaded->warnings;
    return {};
  }
};
