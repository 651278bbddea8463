#include "extensions/retention/extension.h"

namespace extensions::retention {
namespace {

class RetentionWorker final : public relay::WorkerExtension {
 public:
  explicit RetentionWorker(const base::Published<nostr::Retention>& rules)
      : published_(rules), rules_(rules.get()) {}

  relay::Verdict check_event(const relay::EventContext& context) override {
    std::string refusal = rules_->refusal_of(context.event, context.now);
    return refusal.empty() ? relay::Verdict::pass() : relay::Verdict::deny(std::move(refusal));
  }
  void on_reload() override { rules_ = published_.get(); }

 private:
  const base::Published<nostr::Retention>& published_;
  std::shared_ptr<const nostr::Retention> rules_;
};

}  // namespace

std::unique_ptr<relay::WorkerExtension> Retention::attach(relay::WorkerServices) const {
  return std::make_unique<RetentionWorker>(rules_);
}

}  // namespace extensions::retention
