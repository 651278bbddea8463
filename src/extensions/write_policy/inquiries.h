#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "relay/extension/verdict.h"

namespace extensions::write_policy {

/// Where a worker's coroutines wait for what another thread finds out. Outlives its worker where
/// the other thread still holds it, and then does nothing.
class Inquiries : public std::enable_shared_from_this<Inquiries> {
 public:
  explicit Inquiries(boost::asio::any_io_executor worker) : worker_(std::move(worker)) {}

  // On the worker's thread.
  /// A number for deliver().
  [[nodiscard]] std::uint64_t open() { return ++last_; }
  /// Waits until deliver(); nullopt if close() or a cancellation came first. Call it before
  /// anything can be delivered to `number`.
  [[nodiscard]] boost::asio::awaitable<std::optional<relay::Verdict>> wait(std::uint64_t number);
  /// Ends all waits; nothing is delivered any more.
  void close();

  /// On any thread.
  void deliver(std::uint64_t number, relay::Verdict verdict);

 private:
  struct Waiting {
    boost::asio::steady_timer done;
    std::optional<relay::Verdict> verdict{};
  };

  void settle(std::uint64_t number, const relay::Verdict& verdict);

  std::mutex mutex_;
  std::optional<boost::asio::any_io_executor> worker_;  // guarded by mutex_; nullopt once closed
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Waiting*> waiting_;  // what a coroutine has on its frame
};

}  // namespace extensions::write_policy
