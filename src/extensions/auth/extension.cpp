#include "extensions/auth/extension.h"

#include <algorithm>

namespace extensions::auth {
namespace {

using relay::Verdict;

class AuthWorker final : public relay::WorkerExtension {
 public:
  explicit AuthWorker(const base::Published<Config>& config)
      : published_(config), config_(config.get()) {}

  void on_reload() override { config_ = published_.get(); }

  std::string_view check_connection(const relay::ClientContext& context) override {
    // Whoever has proved nothing yet may still prove a key, or bring what a listed one signed.
    const bool stays =
        !config_->restricted || context.viewer.anonymous() || is_listed(context.viewer);
    return stays ? "" : "restricted: this relay serves a list of keys and yours is not on it";
  }

  Verdict check_event(const relay::EventContext& context) override {
    // One-time keys sign for an allowed viewer, and an allowed author's event may be brought by anyone.
    return admit(context.viewer, is_allowed(context.event.pubkey));
  }

  Verdict check_req(const relay::ReqContext& context) override {
    return admit(context.viewer, false);
  }

 private:
  [[nodiscard]] bool is_allowed(const nostr::PublicKey& key) const {
    return std::ranges::binary_search(config_->allowed, key);
  }

  [[nodiscard]] bool is_listed(const nostr::Viewer& viewer) const {
    return std::ranges::any_of(viewer.keys, [this](const auto& key) { return is_allowed(key); });
  }

  [[nodiscard]] Verdict admit(const nostr::Viewer& viewer, bool author_is_allowed) const {
    if (config_->required && viewer.anonymous())
      return Verdict::deny("auth-required: this relay serves authenticated clients only (NIP-42)");
    if (!config_->restricted || author_is_allowed) return Verdict::pass();
    if (viewer.anonymous())
      return Verdict::deny(
          "auth-required: this relay serves a list of keys; authenticate (NIP-42)");
    if (is_listed(viewer)) return Verdict::pass();
    return Verdict::deny(
        "restricted: this relay serves a list of keys and yours is not on it; ask its operator");
  }

  const base::Published<Config>& published_;
  std::shared_ptr<const Config> config_;
};

}  // namespace

std::unique_ptr<relay::WorkerExtension> Auth::attach(relay::WorkerServices) const {
  return std::make_unique<AuthWorker>(config_);
}

}  // namespace extensions::auth
