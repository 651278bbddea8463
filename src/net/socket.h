#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "net/loop.h"

namespace net {

using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// A connected, non-blocking TCP socket: the only class that reads, writes and waits, so that
/// another event loop can take Asio's place. Confined to its loop's thread. May be moved while
/// nothing waits on it.
class Socket {
 public:
  Socket(TcpSocket socket, Loop::Place place);

  /// All zero when it cannot be told.
  [[nodiscard]] base::IpAddress peer() const;

  /// What is there now: 0 bytes if nothing; nullopt: the connection has ended.
  [[nodiscard]] std::optional<std::size_t> receive(std::span<char> into);

  /// Sends, behind what is unsent; what the kernel does not take is copied. false: the connection
  /// has ended.
  [[nodiscard]] bool send(std::string_view bytes);
  /// To be called when the socket is writable. false: the connection has ended.
  [[nodiscard]] bool send_rest();
  /// Bytes copied to wait.
  [[nodiscard]] std::size_t unsent() const { return rest_ ? rest_->bytes.size() - rest_->sent : 0; }

  /// Nothing more will be sent; the peer reads the end of the stream.
  void shut_down_sending();
  /// Idempotent. Handlers that wait are dropped without being called.
  void close();

  /// Calls handler() once the socket is readable, at its end too.
  template <typename Handler>
  void wait_readable(Handler handler) {
    wait(TcpSocket::wait_read, std::move(handler));
  }
  template <typename Handler>
  void wait_writable(Handler handler) {
    wait(TcpSocket::wait_write, std::move(handler));
  }

 private:
  struct Rest {
    std::string bytes;
    std::size_t sent = 0;
  };

  template <typename Handler>
  void wait(TcpSocket::wait_type what, Handler handler) {
    socket_.async_wait(what, [handler = std::move(handler)](boost::system::error_code error) {
      if (error != boost::asio::error::operation_aborted) handler();
    });
  }
  std::optional<std::size_t> send_now(std::string_view bytes);

  TcpSocket socket_;
  Loop::Place place_;
  std::unique_ptr<Rest> rest_;  // only while something is unsent
};

}  // namespace net
