#include "app/relay_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <iterator>
#include <latch>
#include <random>

#include "app/address.h"
#include "app/cors.h"
#include "app/dashboard.h"
#include "app/open_store.h"
#include "app/probes.h"

namespace app {
namespace {

/// The newest commit in the store. Embedded stores answer without waiting.
store::Seq last_commit(store::Store& store) {
  boost::asio::io_context context;
  store::Seq last = 0;
  auto ask = [](store::Store& asked, store::Seq& answer) -> boost::asio::awaitable<void> {
    const auto rows = co_await asked.scan_rows("mls_gateway/", std::nullopt, 1);
    if (rows) answer = rows->snapshot;
  };
  boost::asio::co_spawn(context, ask(store, last), boost::asio::detached);
  context.run();
  return last;
}

/// Runs the worker's start() to its end on the worker's context, before its thread does.
bool run_start(relay::Worker& worker, boost::asio::io_context& context) {
  std::optional<bool> started;
  auto start = [](relay::Worker& starting,
                  std::optional<bool>& result) -> boost::asio::awaitable<void> {
    result = co_await starting.start();
  };
  boost::asio::co_spawn(context, start(worker, started), [&](const std::exception_ptr& failure) {
    if (failure) started = false;
  });
  while (!started && context.run_one() > 0) {
  }
  return started.value_or(false);
}

}  // namespace

/// Without [auth] relay_urls: loopback names and the bound address, with our port. Never the Host header: a hostile relay
/// that passes our challenge on would choose it.
std::vector<std::string> auth_urls(const config::Config& config, std::uint16_t port) {
  if (!config.auth.relay_urls.empty()) return config.auth.relay_urls;
  const std::string scheme = config.network.tls_cert.empty() ? "ws://" : "wss://";
  std::vector<std::string> urls;
  for (const std::string_view host : {"localhost", "127.0.0.1", "::1"})
    urls.push_back(scheme + url_authority(host, port));
  const std::string bound = scheme + url_authority(config.server.host, port);
  if (std::ranges::find(urls, bound) == urls.end()) urls.push_back(bound);
  return urls;
}

namespace {

std::size_t worker_count(const config::Config& config) {
  if (config.server.workers > 0) return static_cast<std::size_t>(config.server.workers);
  return std::max(1u, std::thread::hardware_concurrency());
}

constexpr std::int64_t tick_s = 2;

net::Tick ticks(std::int64_t seconds) {
  return static_cast<net::Tick>((seconds + tick_s - 1) / tick_s);
}

net::Patience patience(const config::Network& network) {
  return {.request = ticks(network.handshake_timeout_s),
          .ping = ticks(network.ping_interval_s),
          .idle = ticks(network.idle_timeout_s)};
}

relay::AddressSalt random_salt() {
  relay::AddressSalt salt;
  std::random_device random;
  std::ranges::generate(salt, [&] { return static_cast<std::uint8_t>(random()); });
  return salt;
}

net::ServerOptions server_options(const config::Config& config) {
  const auto& network = config.network;
  constexpr std::int64_t most_places = 1 << 20;  // 8 MiB
  const auto places = std::min(2 * config.limits.max_connections, most_places);
  return {.host = config.server.host,
          .port = static_cast<std::uint16_t>(config.server.port),
          .limits = config.limits,
          .addresses = std::make_shared<net::AddressCounts>(static_cast<std::size_t>(places)),
          .proxies = net::TrustedProxies(network.trusted_proxies),
          .patience = patience(network),
          .tick = std::chrono::seconds(tick_s),
          .compression = config.server.compression};
}

}  // namespace

std::expected<std::unique_ptr<RelayProcess>, std::string> RelayProcess::make(
    const Settings& settings, base::Log log) {
  const auto port = static_cast<std::uint16_t>(settings.core.server.port);
  if (auto free = net::check_port_is_free(settings.core.server.host, port); !free)
    return std::unexpected(std::move(free.error()));
  const auto tell = [&log](std::string_view change) {
    base::log(log, base::level::info, "store made ready", {{"change", change}});
  };
  auto store = open_store(settings.core, tell);
  if (!store) return std::unexpected(std::move(store.error()));
  std::unique_ptr<RelayProcess> process(
      new RelayProcess(settings, std::move(log), std::move(*store)));
  if (auto open = process->open_doors(); !open) return std::unexpected(std::move(open.error()));
  if (auto listening = process->listen(); !listening)
    return std::unexpected(std::move(listening.error()));
  return process;
}

RelayProcess::RelayProcess(const Settings& settings, base::Log log,
                           std::unique_ptr<store::Store> store)
    : settings_(settings),
      log_(std::move(log)),
      store_(std::move(store)),
      backend_(settings_.core.storage.backend),
      data_path_(settings_.core.data.path),
      parts_(settings_, log_),
      extensions_(parts_.all()),
      front_desk_(settings_, extensions_),
      staging_(extensions_),
      salt_(random_salt()),
      options_{.limits = settings_.core.limits,
               .offer_auth = settings_.core.auth.enabled,
               .auth_urls = {},
               .offer_count = settings_.core.count.enabled,
               .eose_hints = settings_.core.server.eose_hints,
               .address_salt = salt_of(settings_.core.log)},
      writer_(store_for_a_thread(), staging_, options_.limits, options_.clock, log_) {
  writer_.keep(parts_.retention->rules());
  if (parts_.metrics) {
    std::vector<const relay::Extension*> observers;
    for (const auto& extension : extensions_)
      if (extension->phases().has(relay::Phase::observe)) observers.push_back(extension.get());
    writer_.tell(std::move(observers));
    parts_.metrics->ask([this] { return measure(); });
  }
  parts_.management->announce_to([this](const auto& said) { front_desk_.announce(said); });
}

RelayProcess::~RelayProcess() { stop(); }

std::optional<relay::AddressSalt> RelayProcess::salt_of(const config::Log& log) const {
  return log.client_addresses == "hashed" ? std::optional(salt_) : std::nullopt;
}

std::expected<void, std::string> RelayProcess::open_doors() {
  const auto& network = settings_.core.network;
  if (!network.tls_cert.empty()) {
    auto tls = net::TlsContext::load({network.tls_cert, network.tls_key});
    if (!tls) return std::unexpected(std::move(tls.error()));
    tls_ = std::move(*tls);
  }
  if (!network.unix_socket.empty()) {
    auto socket = net::UnixSocket::listen(network.unix_socket);
    if (!socket) return std::unexpected(std::move(socket.error()));
    unix_socket_ = std::move(*socket);
  }
  return {};
}

std::expected<void, std::string> RelayProcess::listen() {
  net::ServerOptions server = server_options(settings_.core);
  server.counters = counters_;
  server.tls = tls_;
  server.unix_socket = unix_socket_;
  for (std::size_t number = 0; number < worker_count(settings_.core); ++number) {
    auto lane = std::make_unique<Lane>();
    lane->worker = std::make_unique<relay::Worker>(
        number, lane->context, options_, store_for_a_thread(), writer_, extensions_, log_);
    lane->worker->begin_at(last_commit(*store_));
    if (!run_start(*lane->worker, lane->context))
      return std::unexpected(
          "the extensions could not load what they keep in the store; see the log above");
    auto routes = core_routes(front_desk_.page());
    if (settings_.metrics.bind.empty())
      std::ranges::move(dashboard_routes(), std::back_inserter(routes));
    std::ranges::move(probe_routes(draining_, writer_.health()), std::back_inserter(routes));
    std::ranges::move(lane->worker->routes(), std::back_inserter(routes));
    const auto origins = [page = front_desk_.page()] { return page->get()->origins; };
    auto router = std::make_shared<const net::Router>(with_cors(std::move(routes), origins));
    auto open = [worker = lane->worker.get()](relay::Transport& transport) {
      return worker->open(transport);
    };
    lane->server = std::make_unique<net::Server>(lane->context, server, std::move(open),
                                                 std::move(router), log_);
    if (auto listening = lane->server->listen(); !listening) return listening;
    server.port = lane->server->port();  // port 0 was any free one: the others join it
    lanes_.push_back(std::move(lane));
  }
  port_ = server.port;
  options_.auth_urls = auth_urls(settings_.core, port_);
  for (const auto& lane : lanes_) lane->worker->reload(options_);
  return listen_for_metrics();
}

void RelayProcess::start() {
  writer_.start(lanes_.size(), [this](std::size_t lane, relay::WorkerMessage message) {
    lanes_[lane]->worker->post(std::move(message));
  });
  for (auto& lane : lanes_)
    lane->thread = std::thread([&context = lane->context] { context.run(); });
}

void RelayProcess::reload(const Settings& settings) {
  settings_ = settings;
  parts_.configure(settings_);
  front_desk_.configure(settings_);
  options_.limits = settings_.core.limits;
  options_.auth_urls = auth_urls(settings_.core, port_);
  options_.offer_count = settings_.core.count.enabled;
  options_.address_salt = salt_of(settings_.core.log);
  const auto& network = settings_.core.network;
  if (const auto read = reload_tls(network); !read)
    log_->error("{}; the certificate in use stays", read.error());
  for (const auto& lane : lanes_) {
    boost::asio::post(lane->context, [&lane = *lane, options = options_, network] {
      lane.worker->reload(options);
      lane.server->reload(options.limits, patience(network),
                          net::TrustedProxies(network.trusted_proxies));
    });
  }
}

std::expected<void, std::string> RelayProcess::reload_tls(const config::Network& network) {
  if (tls_ && !network.tls_cert.empty()) return tls_->reload({network.tls_cert, network.tls_key});
  if (tls_ || !network.tls_cert.empty())
    return std::unexpected("[server] tls_cert: TLS is switched on or off by a restart only");
  return {};
}

void RelayProcess::stop(std::chrono::milliseconds drain) {
  *draining_ = true;
  unix_socket_.reset();  // its path is free for another relay
  std::latch closed(static_cast<std::ptrdiff_t>(lanes_.size()));
  for (auto& lane : lanes_) {
    if (!lane->thread.joinable()) return;
    boost::asio::post(lane->context, [&lane, &closed, drain] {
      lane->server->stop([&closed] { closed.count_down(); }, drain);
    });
  }
  closed.wait();
  stop_metrics();
  writer_.stop();
  for (auto& lane : lanes_) {
    boost::asio::post(lane->context, [&worker = *lane->worker] { worker.stop(); });
    lane->guard.reset();
  }
  for (auto& lane : lanes_) lane->thread.join();
}

}  // namespace app
