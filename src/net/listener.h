#pragma once
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop.h"
#include "net/socket.h"

namespace net {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;

/// An IPv4 or IPv6 address or "localhost"; the error says what may be written.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> endpoint_of(
    std::string_view host, std::uint16_t port);

/// Why a port cannot be bound, and what to do about it.
[[nodiscard]] std::string bind_failure(std::string_view host, std::uint16_t port,
                                       boost::system::error_code error);

/// Accepts a worker's share of the connections (SO_REUSEPORT). Confined to its loop's thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  explicit Listener(std::shared_ptr<Loop> loop);

  [[nodiscard]] std::expected<void, std::string> listen(std::string_view host, std::uint16_t port);
  /// 0 before listen().
  [[nodiscard]] std::uint16_t port() const { return port_; }
  void close();

 private:
  void accept();
  void on_accept(boost::system::error_code error, TcpSocket socket);
  void begin(TcpSocket socket);
  void pause(boost::system::error_code error);

  std::shared_ptr<Loop> loop_;
  Acceptor acceptor_;
  Timer pause_;
  std::uint16_t port_ = 0;
  bool failing_ = false;
};

}  // namespace net
