#pragma once
// Hears that other instances have committed.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "store/backoff.h"
#include "store/postgres/connection.h"

namespace store::postgres {

/// LISTENs on a connection of its own and connects again when that is lost, by itself. What it says
/// is "look", never what there is to see: notifications may be lost or come together. Confined to
/// one thread: that of its executor. Owned by shared_ptr; stop() it before letting go.
class NewsListener : public std::enable_shared_from_this<NewsListener> {
 public:
  struct Options {
    std::string conninfo{};
    std::string channel{};  ///< letters, digits and underscores
    std::chrono::milliseconds interval{2000};
    std::chrono::seconds patience{5};  ///< for connecting
  };

  /// `wake` is called on the thread: for notifications, once for those that came together, after
  /// each connect, whenever connecting failed, and every `interval`. It stops or destroys nothing
  /// of this.
  [[nodiscard]] static std::shared_ptr<NewsListener> make(boost::asio::any_io_executor executor,
                                                          Options options,
                                                          std::function<void()> wake);

  /// REQUIRES: the first call.
  void start();
  /// From then on `wake` is not called.
  void stop();

  [[nodiscard]] bool is_listening() const { return connection_ && connection_->is_open(); }

 private:
  using Self = std::shared_ptr<NewsListener>;

  NewsListener(boost::asio::any_io_executor executor, Options options, std::function<void()> wake);

  static boost::asio::awaitable<void> listen(Self self);
  static boost::asio::awaitable<void> connect(Self self);
  [[nodiscard]] std::chrono::milliseconds pause();
  void wake() const {
    if (wake_) wake_();
  }

  boost::asio::any_io_executor executor_;
  Options options_;
  std::function<void()> wake_;  // empty: stopped
  std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer timer_;
  Backoff backoff_{std::chrono::milliseconds(50), std::chrono::seconds(2)};
};

}  // namespace store::postgres
