#pragma once
#include <functional>
#include <vector>

#include "extensions/metrics/config.h"
#include "extensions/metrics/registry.h"
#include "relay/extension/extension.h"

namespace extensions::metrics {

/// Counts what the relay does and shows it to Prometheus. It has no say in anything. Thread-safe.
class Metrics final : public relay::Extension {
 public:
  /// What is asked for at each scrape, on the thread that answers it: figures of the relay and of other extensions.
  using Ask = std::function<boost::asio::awaitable<relay::Measures>()>;

  explicit Metrics(Config config) : config_(std::move(config)) {}

  /// Before the first scrape; what `ask` refers to outlives this.
  void ask(Ask ask) { ask_ = std::move(ask); }
  /// Who is to be told of the store calls of one more thread.
  [[nodiscard]] store::CallObserver& add_store_user() { return registry_.add_store_user(); }
  /// GET /metrics: on the relay's port for each worker, or on the socket of its own (Config::bind).
  [[nodiscard]] std::vector<relay::HttpRoute> routes() const;

  [[nodiscard]] std::string_view name() const override { return "metrics"; }
  [[nodiscard]] relay::Phases phases() const override { return relay::Phase::observe; }
  [[nodiscard]] std::unique_ptr<relay::WorkerExtension> attach(
      relay::WorkerServices services) const override;
  void on_committed(const relay::Committed& committed) const override {
    registry_.commits().add(committed);
  }

 private:
  [[nodiscard]] boost::asio::awaitable<relay::HttpResponse> answer(
      const relay::HttpRequest& request) const;

  const Config config_;
  mutable Registry registry_;
  Ask ask_;
};

}  // namespace extensions::metrics
