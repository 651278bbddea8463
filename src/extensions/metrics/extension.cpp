#include "extensions/metrics/extension.h"

#include <algorithm>
#include <iterator>

#include "extensions/metrics/families.h"
#include "extensions/metrics/process.h"
#include "relay/extension/bearer.h"

namespace extensions::metrics {
namespace {

using relay::HttpRequest;
using relay::HttpResponse;

class MetricsWorker final : public relay::WorkerExtension {
 public:
  MetricsWorker(WorkerInstruments& instruments, std::vector<relay::HttpRoute> routes)
      : instruments_(instruments), routes_(std::move(routes)) {}

  relay::Observer* observer() override { return &instruments_; }
  std::vector<relay::HttpRoute> routes(const relay::HttpServices&) override {
    return std::move(routes_);
  }

 private:
  WorkerInstruments& instruments_;
  std::vector<relay::HttpRoute> routes_;
};

HttpResponse unauthorized() {
  auto response =
      relay::http_error(401, "unauthorized", "send the token: Authorization: Bearer <token>");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

std::unique_ptr<relay::WorkerExtension> Metrics::attach(relay::WorkerServices) const {
  auto on_the_relays_port = config_.bind.empty() ? routes() : std::vector<relay::HttpRoute>{};
  return std::make_unique<MetricsWorker>(registry_.add_worker(), std::move(on_the_relays_port));
}

std::vector<relay::HttpRoute> Metrics::routes() const {
  auto handler = [this](HttpRequest request) -> boost::asio::awaitable<HttpResponse> {
    co_return co_await answer(request);
  };
  return {{"GET", "/metrics", std::move(handler)}};
}

boost::asio::awaitable<HttpResponse> Metrics::answer(const HttpRequest& request) const {
  const auto token = relay::bearer_token(request);
  if (!config_.token.empty() && !relay::is_one_of({&config_.token, 1}, token.value_or("")))
    co_return unauthorized();
  relay::Measures measures = process_measures();
  if (ask_) std::ranges::move(co_await ask_(), std::back_inserter(measures));
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = Families(registry_, std::move(measures)).text();
  response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

}  // namespace extensions::metrics
