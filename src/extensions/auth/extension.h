#pragma once
#include "base/published.h"
#include "extensions/auth/config.h"
#include "relay/extension/extension.h"

namespace extensions::auth {

/// Who may use the relay at all: `[auth] required` and the allow list. The proof itself (NIP-42) is the relay's work.
///
/// An event passes when its author or a key of the viewer is on the list; a subscription needs a key of the viewer.
/// Thread-safe.
class Auth final : public relay::Extension {
 public:
  explicit Auth(Config config) : config_(std::move(config)) {}

  /// The worker halves take it over in on_reload().
  void configure(Config config) { config_.set(std::move(config)); }

  [[nodiscard]] std::string_view name() const override { return "auth"; }
  [[nodiscard]] relay::Phases phases() const override {
    return relay::Phase::check_connection | relay::Phase::check_event | relay::Phase::check_req;
  }
  [[nodiscard]] std::vector<int> nips() const override { return {42}; }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

 private:
  base::Published<Config> config_;
};

}  // namespace extensions::auth
