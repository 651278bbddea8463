#include "extensions/write_policy/extension.h"

#include "extensions/write_policy/inquiries.h"

namespace extensions::write_policy {
namespace {

using relay::Verdict;

class WritePolicyWorker final : public relay::WorkerExtension {
 public:
  WritePolicyWorker(const base::Published<Config>& published, Plugin& plugin,
                    const boost::asio::any_io_executor& worker)
      : published_(published),
        plugin_(plugin),
        config_(published.get()),
        inquiries_(std::make_shared<Inquiries>(worker)) {}
  ~WritePolicyWorker() override { inquiries_->close(); }

  void on_reload() override { config_ = published_.get(); }
  void stop() override { inquiries_->close(); }

  bool authorizes(const nostr::Event&) const override { return !config_->plugin.empty(); }

  boost::asio::awaitable<Verdict> authorize_event(relay::EventContext context) override {
    const auto number = inquiries_->open();
    plugin_.ask(context.event.id,
                question_line(context.event, context.viewer, context.peer, context.now),
                [inquiries = inquiries_, number](Verdict verdict) {
                  inquiries->deliver(number, std::move(verdict));
                });
    auto verdict = co_await inquiries_->wait(number);
    if (!verdict) co_return Verdict::deny("error: could not be decided in time; try again");
    co_return *std::move(verdict);
  }

 private:
  const base::Published<Config>& published_;
  Plugin& plugin_;
  std::shared_ptr<const Config> config_;
  const std::shared_ptr<Inquiries> inquiries_;
};

}  // namespace

WritePolicy::WritePolicy(Config config, base::Log log)
    : config_(config), plugin_(std::make_unique<Plugin>(std::move(config), std::move(log))) {}

void WritePolicy::configure(Config config) {
  config_.set(config);
  plugin_->configure(std::move(config));
}

std::unique_ptr<relay::WorkerExtension> WritePolicy::attach(relay::WorkerServices services) const {
  return std::make_unique<WritePolicyWorker>(config_, *plugin_, services.executor);
}

}  // namespace extensions::write_policy
