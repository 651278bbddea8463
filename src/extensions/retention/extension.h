#pragma once
#include "base/published.h"
#include "nostr/retention.h"
#include "relay/extension/extension.h"

namespace extensions::retention {

/// Refuses on arrival what the rules would remove again: nothing is acknowledged that is then dropped. The removal
/// itself is the writer's (relay::Writer::keep). Thread-safe.
class Retention final : public relay::Extension {
 public:
  explicit Retention(nostr::Retention rules) : rules_(std::move(rules)) {}

  [[nodiscard]] std::string_view name() const override { return "retention"; }
  [[nodiscard]] relay::Phases phases() const override { return relay::Phase::check_event; }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;

  [[nodiscard]] const base::Published<nostr::Retention>& rules() const { return rules_; }
  void configure(nostr::Retention rules) { rules_.set(std::move(rules)); }

 private:
  base::Published<nostr::Retention> rules_;
};

}  // namespace extensions::retention
