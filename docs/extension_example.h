// The example of docs/extensions.md: refuses events whose content is longer than an operator wants.
#pragma once
#include <memory>

#include "base/published.h"
#include "relay/extension/extension.h"

namespace extensions::content_limit {

struct Config {
  std::size_t max_bytes = 64 * 1024;
};

/// Lives on one worker's thread, so it needs no lock.
class ContentLimitWorker final : public relay::WorkerExtension {
 public:
  explicit ContentLimitWorker(const base::Published<Config>& published)
      : published_(published), config_(published.get()) {}

  void on_reload() override { config_ = published_.get(); }

  relay::Verdict check_event(const relay::EventContext& context) override {
    if (context.event.content_json().size() <= config_->max_bytes) return relay::Verdict::pass();
    return relay::Verdict::deny("blocked: the content is too long for this relay; shorten it");
  }

 private:
  const base::Published<Config>& published_;
  std::shared_ptr<const Config> config_;
};

/// Shared by all workers. Thread-safe.
class ContentLimit final : public relay::Extension {
 public:
  explicit ContentLimit(Config config) : config_(config) {}
  void configure(Config config) { config_.set(config); }

  std::string_view name() const override { return "content_limit"; }
  relay::Phases phases() const override { return relay::Phase::check_event; }
  std::unique_ptr<relay::WorkerExtension> attach(relay::WorkerServices) const override {
    return std::make_unique<ContentLimitWorker>(config_);
  }

 private:
  base::Published<Config> config_;
};

}  // namespace extensions::content_limit
