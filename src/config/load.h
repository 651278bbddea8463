#pragma once
// From a TOML file and the environment to declared settings, with errors an operator can act on.
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"

namespace config {

/// A configuration text and the name by which errors call it, usually its path.
struct Source {
  std::string name;
  std::string text;
};

/// The error names the path and what to do.
[[nodiscard]] std::expected<Source, std::string> read_source(const std::string& path);

/// The value of an environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process. Not thread-safe against changes to it.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);

struct Loaded {
  std::vector<std::string> warnings;  ///< what is legal but hardly meant, like an error line
};

/// Stores in each setting's target what the environment says, else what the source says; then runs
/// all checks.
///
/// An empty variable counts as not set. On error everything that is wrong is returned, one line each
/// ("config/mls-gateway.toml:12: server.prot: unknown key; did you mean …"), and the targets are
/// unspecified. Lines never hold the value of a text without a fixed set of values: it may be a
/// secret.
[[nodiscard]] std::expected<Loaded, std::vector<std::string>> load(const base::Settings& settings,
                                                                   const Source& source,
                                                                   const Environment& environment);

}  // namespace config
