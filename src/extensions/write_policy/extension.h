#pragma once
#include <memory>

#include "base/log.h"
#include "base/published.h"
#include "extensions/write_policy/plugin.h"
#include "relay/extension/extension.h"

namespace extensions::write_policy {

/// Asks a program of the operator about every event that has passed everything else, before it is
/// stored. List it last among the extensions. Thread-safe.
class WritePolicy final : public relay::Extension {
 public:
  /// Starts the plugin, if there is one.
  WritePolicy(Config config, base::Log log);

  /// For running workers, which take it over in on_reload(). Thread-safe, but not together with
  /// itself.
  void configure(Config config);

  [[nodiscard]] std::string_view name() const override { return "write_policy"; }
  [[nodiscard]] relay::Phases phases() const override { return relay::Phase::authorize_event; }
  [[nodiscard]] bool restricts_writes() const override { return !config_.get()->plugin.empty(); }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

 private:
  base::Published<Config> config_;
  const std::unique_ptr<Plugin> plugin_;  // thread-safe
};

}  // namespace extensions::write_policy
