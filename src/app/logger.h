#pragma once
#include <memory>
#include <string_view>

#include "base/log.h"
#include "config/config.h"

namespace app {

/// The loggers of the process, all to stderr, one for each component; how their lines look is settled when they are made,
/// which of them are logged may change. Thread-safe; the loggers may outlive it.
class Logs {
 public:
  /// `by_itself`: the form of format = "auto" where stderr is no terminal.
  Logs(const config::Log& config, std::string_view by_itself);

  /// Of this component (base::log_components); whoever is handed it makes those of others with base::component().
  [[nodiscard]] base::Log of(std::string_view component) const;
  /// Takes over the levels.
  void configure(const config::Log& config) const;

 private:
  class Registry;
  class ComponentLog;
  std::shared_ptr<Registry> registry_;
};

/// For a command that an operator runs: lines for people unless the configuration wants JSON.
[[nodiscard]] base::Log make_log(const config::Log& config);

}  // namespace app
