#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/routes.h"
#include "app/settings.h"
#include "extensions/access/extension.h"
#include "extensions/auth/extension.h"
#include "extensions/mls_gateway/extension.h"
#include "extensions/rate_limiter/extension.h"
#include "extensions/write_policy/extension.h"
#include "extensions/search/extension.h"
#include "net/server.h"
#include "relay/staging.h"
#include "relay/worker.h"
#include "relay/writer.h"
#include "store/store.h"

namespace app {

/// The running relay: store, writer, workers with their servers. The only place that names concrete classes.
class RelayProcess {
 public:
  /// Opens the store and binds the port; nothing is served yet. The error says what to do.
  [[nodiscard]] static std::expected<std::unique_ptr<RelayProcess>, std::string> make(
      const Settings& settings, base::Log log);
  ~RelayProcess();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Starts the threads.
  void start();
  /// Takes over every live setting without dropping anyone. `settings` differs from what it was made with in live settings
  /// only (base::Setting::live). On the thread that made it, between start() and stop().
  void reload(const Settings& settings);
  /// Accepts no more, closes the connections, commits what was submitted, ends the threads.
  void stop();

 private:
  /// One worker thread and all that is confined to it.
  struct Lane {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{
        context.get_executor()};
    std::unique_ptr<relay::Worker> worker{};
    std::unique_ptr<net::Server> server{};
    std::thread thread{};
  };

  RelayProcess(const Settings& settings, base::Log log, std::unique_ptr<store::Store> store);
  [[nodiscard]] std::expected<void, std::string> listen();

  Settings settings_;
  const base::Log log_;
  const std::unique_ptr<store::Store> store_;
  const std::shared_ptr<extensions::access::Access> access_;
  const std::shared_ptr<extensions::rate_limiter::RateLimiter> rate_limiter_;
  const std::shared_ptr<extensions::write_policy::WritePolicy> write_policy_;
  std::shared_ptr<extensions::auth::Auth> auth_;  // null when off
  std::shared_ptr<extensions::mls_gateway::MlsGateway> gateway_;
  std::shared_ptr<extensions::search::Search> search_;
  const relay::Extensions extensions_;
  const std::shared_ptr<base::Published<FrontPage>> front_page_;
  const relay::Staging staging_;
  relay::RelayOptions options_;
  relay::Writer writer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint16_t port_ = 0;
};

}  // namespace app
