#include "net/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <chrono>

#include "net/http_message.h"
#include "net/http_session.h"
#include "net/tls_context.h"
#include "net/unix_socket.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds accept_pause{200};
constexpr std::chrono::seconds warning_pause{30};

error_code bind(Acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.set_option(ReusePort(true), error);
  // "::" takes IPv4 clients too.
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

std::uint16_t bound_port(const Acceptor& acceptor) {
  error_code error;
  const auto bound = acceptor.local_endpoint(error);
  sockaddr_storage address{};
  std::memcpy(&address, bound.data(), std::min(sizeof address, bound.size()));
  const auto port = address.ss_family == AF_INET6
                        ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                        : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

}  // namespace

std::expected<tcp::endpoint, std::string> endpoint_of(std::string_view host, std::uint16_t port) {
  std::string_view literal = host == "localhost" ? "127.0.0.1" : host;
  if (literal.starts_with('[') && literal.ends_with(']'))
    literal = literal.substr(1, literal.size() - 2);
  error_code error;
  const auto address = asio::ip::make_address(std::string(literal), error);
  if (error)
    return std::unexpected(fmt::format(
        "host \"{}\" is not an address: use for example 127.0.0.1, 0.0.0.0 or ::", host));
  return tcp::endpoint(address, port);
}

std::string bind_failure(std::string_view host, std::uint16_t port, error_code error,
                         BindKeys keys) {
  if (error == asio::error::address_in_use)
    return fmt::format("port {} on {} is taken by another program; stop it or set {}", port, host,
                       keys.port);
  if (error == asio::error::access_denied)
    return fmt::format(
        "port {} on {} needs a privilege; use a port above 1023 or grant CAP_NET_BIND_SERVICE",
        port, host);
  if (error == boost::system::errc::address_not_available)
    return fmt::format("{} is not an address of this machine; set {}", host, keys.host);
  if (error == asio::error::address_family_not_supported)
    return fmt::format(
        "{} is IPv6, which this machine does not have; use 0.0.0.0 or 127.0.0.1 as "
        "{}",
        host, keys.host);
  return fmt::format("cannot listen on port {} of {}: {}", port, host, error.message());
}

Listener::Listener(std::shared_ptr<Loop> loop, std::shared_ptr<const TlsContext> tls)
    : loop_(std::move(loop)),
      tls_(std::move(tls)),
      acceptor_(loop_->parts.io),
      pause_(loop_->parts.io) {}

std::expected<void, std::string> Listener::listen(std::string_view host, std::uint16_t port) {
  const auto endpoint = endpoint_of(host, port);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (const auto error = bind(acceptor_, *endpoint))
    return std::unexpected(bind_failure(host, port, error));
  port_ = bound_port(acceptor_);
  accept();
  return {};
}

std::expected<void, std::string> Listener::listen(const UnixSocket& socket) {
  error_code error;
  acceptor_.assign(asio::generic::stream_protocol(AF_UNIX, 0), socket.duplicate(), error);
  if (error)
    return std::unexpected(fmt::format("cannot serve the Unix socket: {}", error.message()));
  accept();
  return {};
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, StreamSocket socket) {
    if (self->acceptor_.is_open()) self->on_accept(error, std::move(socket));
  });
}

void Listener::on_accept(error_code error, StreamSocket socket) {
  if (error) return pause(error);
  if (std::exchange(failing_, false)) loop_->parts.log->info("accepting connections again");
  begin(std::move(socket));
  accept();
}

void Listener::begin(StreamSocket accepted) {
  auto place = loop_->enter();
  if (!place) return refuse(Socket(std::move(accepted), Loop::Place()), overloaded());
  Socket socket(std::move(accepted), std::move(*place));
  const Peer peer = socket.peer();
  // Whom a trusted proxy connects for is known with the request.
  if (!loop_->parts.proxies.trusts(peer) && !socket.count(peer.address)) {
    count(loop_->parts.counters->refused);
    return refuse(std::move(socket), too_many_connections());
  }
  if (tls_) socket.begin_tls(*tls_);
  std::make_shared<HttpSession>(loop_, std::move(socket))->start();
}

/// In clear only: a handshake would cost more than the connection is worth.
void Listener::refuse(Socket socket, const relay::HttpResponse& response) {
  if (tls_) return;
  // What the client has sent already is taken, else closing would make the kernel take the answer
  // back.
  if (socket.receive(loop_->read_buffer()))
    static_cast<void>(socket.send(write_response(response, {})));
}

/// Out of file descriptors or memory: trying again at once would only spin.
void Listener::pause(error_code error) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= may_warn_at_) {
    may_warn_at_ = now + warning_pause;
    failing_ = true;
    loop_->parts.log->warn("cannot accept connections: {}", error.message());
  }
  pause_.expires_after(accept_pause);
  pause_.async_wait([self = shared_from_this()](error_code stopped) {
    if (!stopped && self->acceptor_.is_open()) self->accept();
  });
}

}  // namespace net
