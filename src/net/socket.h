#pragma once
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/loop.h"
#include "net/tls_stream.h"
#include "net/trusted_proxies.h"

namespace net {

class TlsContext;

using StreamSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;

/// A connected, non-blocking TCP or Unix socket, with or without TLS: the only class that reads,
/// writes and waits, so that another event loop can take Asio's place. Confined to its loop's
/// thread. May be moved while nothing waits on it.
class Socket {
 public:
  Socket(StreamSocket socket, Loop::Place place);

  /// What follows is TLS; nothing may have been sent or received.
  void begin_tls(const TlsContext& context);

  [[nodiscard]] Peer peer();
  /// Which connection of the process this is, in the log.
  [[nodiscard]] std::uint64_t number() const { return place_.number(); }
  /// Counts the connection among its client's; false: it has too many.
  [[nodiscard]] bool count(const base::IpAddress& client) { return place_.count(client); }

  /// What is there now: 0 bytes if nothing; nullopt: the connection has ended. REQUIRES: room for
  /// 16 KiB.
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
    const bool blocked = tls_ && tls_.handshake_wants_write();
    wait(blocked ? StreamSocket::wait_write : StreamSocket::wait_read, std::move(handler));
  }
  template <typename Handler>
  void wait_writable(Handler handler) {
    wait(StreamSocket::wait_write, std::move(handler));
  }

 private:
  struct Rest {
    std::string bytes;
    std::size_t sent = 0;
  };

  template <typename Handler>
  void wait(StreamSocket::wait_type what, Handler handler) {
    socket_.async_wait(what, [handler = std::move(handler)](boost::system::error_code error) {
      if (error != boost::asio::error::operation_aborted) handler();
    });
  }
  std::optional<std::size_t> send_now(std::string_view bytes);

  StreamSocket socket_;
  Loop::Place place_;
  TlsStream tls_;
  std::unique_ptr<Rest> rest_;  // only while something is unsent
};

}  // namespace net
