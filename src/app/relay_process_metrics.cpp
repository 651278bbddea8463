// What RelayProcess does for metrics: its figures, their socket, and stores whose calls are timed.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <iterator>
#include <latch>

#include "app/dashboard.h"
#include "app/probes.h"
#include "app/relay_measures.h"
#include "app/relay_process.h"
#include "store/timed_store.h"

namespace app {
namespace {

constexpr std::int64_t max_scrapers = 64;
constexpr std::chrono::milliseconds tick{400};  // short: it ends at once

}  // namespace

store::Store& RelayProcess::store_for_a_thread() {
  if (!parts_.metrics) return *store_;
  return *timed_stores_.emplace_back(
      std::make_unique<store::TimedStore>(*store_, parts_.metrics->add_store_user()));
}

std::expected<void, std::string> RelayProcess::listen_for_metrics() {
  if (!parts_.metrics || settings_.metrics.bind.empty()) return {};
  const auto address = extensions::metrics::parse_address(settings_.metrics.bind);
  if (!address) return std::unexpected(address.error());
  constexpr std::string_view key = "[metrics] bind";
  if (auto free = net::check_port_is_free(address->host, address->port, {key, key}); !free)
    return free;
  net::ServerOptions options{
      .host = address->host, .port = address->port, .patience = {.request = 25}, .tick = tick};
  options.limits.max_connections = max_scrapers;
  auto routes = parts_.metrics->routes();
  std::ranges::move(dashboard_routes(), std::back_inserter(routes));
  // Here they answer when clients have taken every connection of the relay's own port.
  std::ranges::move(probe_routes(draining_, writer_.health()), std::back_inserter(routes));
  metrics_server_ =
      std::make_unique<net::Server>(lanes_.front()->context, std::move(options), nullptr,
                                    std::make_shared<const net::Router>(std::move(routes)), log_);
  return metrics_server_->listen();
}

boost::asio::awaitable<relay::Measures> RelayProcess::measure() {
  Readings readings{.sockets = *counters_,
                    .writer_queue = writer_.queue_depth(),
                    .ready = !*draining_ && !writer_.health()->fault(),
                    .backend = backend_};
  for (const auto& lane : lanes_) readings.worker_queues.push_back(lane->worker->queue_depth());
  if (auto info = co_await store_->info()) readings.store = *std::move(info);
  std::error_code unknown;
  const auto disk = std::filesystem::space(data_path_, unknown);
  if (!unknown) readings.free_disk_bytes = disk.available;
  relay::Measures measures = relay_measures(readings);
  for (const auto& extension : extensions_)
    std::ranges::move(co_await extension->measure(*store_), std::back_inserter(measures));
  co_return measures;
}

/// Last, so that they show how the others went.
void RelayProcess::stop_metrics() {
  if (!metrics_server_) return;
  std::latch closed(1);
  boost::asio::post(lanes_.front()->context,
                    [&] { metrics_server_->stop([&closed] { closed.count_down(); }); });
  closed.wait();
}

}  // namespace app
