#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace client {

/// A WebSocket to a relay, of which we are the client. Text messages only. Used by one coroutine at a time, on the executor
/// that opened it. Errors are sentences; after one the connection is of no use any more.
class WebSocket {
 public:
  template <typename T>
  using Outcome = boost::asio::awaitable<std::expected<T, std::string>>;

  struct Options {
    std::chrono::seconds timeout{
        30};  ///< for connecting, and for the relay's silence while we wait
    std::size_t max_message_bytes = 16UL * 1024 * 1024;
  };

  virtual ~WebSocket() = default;

  /// ws://host[:port][/path] or wss://…
  [[nodiscard]] static bool is_url(std::string_view text);

  /// REQUIRES: is_url(url). Of a wss:// one the certificate must be good for the host, by the system's
  /// authorities (or those in SSL_CERT_FILE). Looking up the name is not under the timeout.
  [[nodiscard]] static Outcome<std::unique_ptr<WebSocket>> connect(std::string_view url,
                                                                   Options options);

  [[nodiscard]] virtual Outcome<void> send(std::string_view text) = 0;
  [[nodiscard]] virtual Outcome<std::string> receive() = 0;
  /// Says good-bye; what goes wrong with that does not matter.
  [[nodiscard]] virtual boost::asio::awaitable<void> close() = 0;
};

}  // namespace client
