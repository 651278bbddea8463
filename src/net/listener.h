#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "net/bind_keys.h"
#include "net/loop.h"
#include "net/socket.h"
#include "relay/extension/http_api.h"

namespace net {

class TlsContext;
class UnixSocket;

using Acceptor =
    boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, Executor>;

/// An IPv4 or IPv6 address, this one also in brackets, or "localhost"; the error says what may be written.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> endpoint_of(
    std::string_view host, std::uint16_t port);

/// Why a port cannot be bound, and what to do about it.
[[nodiscard]] std::string bind_failure(std::string_view host, std::uint16_t port,
                                       boost::system::error_code error, BindKeys keys = {});

/// Accepts a worker's share of the connections: those of a port by SO_REUSEPORT, those of a Unix
/// socket by who comes first. Confined to its loop's thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// `tls`: null for none.
  Listener(std::shared_ptr<Loop> loop, std::shared_ptr<const TlsContext> tls);

  [[nodiscard]] std::expected<void, std::string> listen(std::string_view host, std::uint16_t port);
  [[nodiscard]] std::expected<void, std::string> listen(const UnixSocket& socket);
  /// 0 before listen().
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void close();

 private:
  void accept();
  void on_accept(boost::system::error_code error, StreamSocket socket);
  void begin(StreamSocket socket);
  void refuse(Socket socket, const relay::HttpResponse& response);
  void pause(boost::system::error_code error);

  std::shared_ptr<Loop> loop_;
  std::shared_ptr<const TlsContext> tls_;
  Acceptor acceptor_;
  Timer pause_;
  std::uint16_t port_ = 0;
  bool failing_ = false;
  std::chrono::steady_clock::time_point may_warn_at_;
};

}  // namespace net
