#pragma once
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/settings.h"
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

  const Settings settings_;
  const base::Log log_;
  const std::unique_ptr<store::Store> store_;
  const relay::Extensions extensions_;
  const relay::Staging staging_;
  relay::RelayOptions options_;
  relay::Writer writer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint16_t port_ = 0;
};

}  // namespace app
