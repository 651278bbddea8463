#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/front_desk.h"
#include "app/parts.h"
#include "app/settings.h"
#include "net/server.h"
#include "net/tls_context.h"
#include "net/unix_socket.h"
#include "relay/staging.h"
#include "relay/worker.h"
#include "relay/writer.h"
#include "store/store.h"

namespace app {

/// The URLs by which this relay may be meant, when it listens at `port`.
[[nodiscard]] std::vector<std::string> auth_urls(const config::Config& config, std::uint16_t port);

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
  /// Takes over every live setting without dropping anyone, and reads the certificate again. `settings` differs from what it was made with in live settings
  /// only (base::Setting::live). On the thread that made it, between start() and stop().
  void reload(const Settings& settings);
  /// Is not ready any more, accepts no more, closes the connections, each at its moment within `drain`, commits what was
  /// submitted, ends the threads.
  void stop(std::chrono::milliseconds drain = {});

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
  [[nodiscard]] std::expected<void, std::string> open_doors();
  /// Reads certificate and key again; after an error those in use stay.
  [[nodiscard]] std::expected<void, std::string> reload_tls(const config::Network& network);
  [[nodiscard]] std::expected<void, std::string> listen();
  /// Serves metrics on a socket of their own, if they have one.
  [[nodiscard]] std::expected<void, std::string> listen_for_metrics();
  /// Figures of the relay and of its extensions. On any worker's thread.
  [[nodiscard]] boost::asio::awaitable<relay::Measures> measure();
  /// For one thread; with metrics on, its calls are timed.
  [[nodiscard]] store::Store& store_for_a_thread();
  void stop_metrics();
  [[nodiscard]] std::optional<relay::AddressSalt> salt_of(const config::Log& log) const;

  Settings settings_;
  const base::Log log_;
  const std::unique_ptr<store::Store> store_;
  const std::string backend_, data_path_;  // as they were at the start
  const Parts parts_;
  const relay::Extensions extensions_;
  std::vector<std::unique_ptr<store::Store>> timed_stores_;
  const std::shared_ptr<net::Counters> counters_ = std::make_shared<net::Counters>();
  FrontDesk front_desk_;
  const relay::Staging staging_;
  const relay::AddressSalt salt_;
  relay::RelayOptions options_;
  relay::Writer writer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<net::Server> metrics_server_;  // on the first lane; null: metrics have no socket
  std::shared_ptr<net::TlsContext> tls_;
  std::shared_ptr<net::UnixSocket> unix_socket_;
  const std::shared_ptr<std::atomic<bool>> draining_ = std::make_shared<std::atomic<bool>>(false);
  std::uint16_t port_ = 0;
};

}  // namespace app
