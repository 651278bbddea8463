#include "net/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <chrono>

#include "net/http_message.h"
#include "net/http_session.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::milliseconds accept_pause{200};

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

relay::HttpResponse overloaded() {
  auto response = error_response(503, "overloaded", "too many connections");
  response.headers.emplace_back("Retry-After", "10");
  return response;
}

}  // namespace

std::expected<tcp::endpoint, std::string> endpoint_of(std::string_view host, std::uint16_t port) {
  error_code error;
  const auto address =
      asio::ip::make_address(host == "localhost" ? "127.0.0.1" : std::string(host), error);
  if (error)
    return std::unexpected(fmt::format(
        "host \"{}\" is not an address: use for example 127.0.0.1, 0.0.0.0 or ::", host));
  return tcp::endpoint(address, port);
}

std::string bind_failure(std::string_view host, std::uint16_t port, error_code error) {
  if (error == asio::error::address_in_use)
    return fmt::format(
        "port {} on {} is taken by another program; stop it or set [server] port / PORT", port,
        host);
  if (error == asio::error::access_denied)
    return fmt::format(
        "port {} on {} needs a privilege; use a port above 1023 or grant CAP_NET_BIND_SERVICE",
        port, host);
  if (error == boost::system::errc::address_not_available)
    return fmt::format("{} is not an address of this machine; set [server] host", host);
  return fmt::format("cannot listen on port {} of {}: {}", port, host, error.message());
}

Listener::Listener(std::shared_ptr<Loop> loop)
    : loop_(std::move(loop)), acceptor_(loop_->parts.io), pause_(loop_->parts.io) {}

std::expected<void, std::string> Listener::listen(std::string_view host, std::uint16_t port) {
  const auto endpoint = endpoint_of(host, port);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (const auto error = bind(acceptor_, *endpoint))
    return std::unexpected(bind_failure(host, port, error));
  port_ = acceptor_.local_endpoint().port();
  accept();
  return {};
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code error, TcpSocket socket) {
    if (self->acceptor_.is_open()) self->on_accept(error, std::move(socket));
  });
}

void Listener::on_accept(error_code error, TcpSocket socket) {
  if (error) return pause(error);
  if (std::exchange(failing_, false)) loop_->parts.log->info("accepting connections again");
  begin(std::move(socket));
  accept();
}

void Listener::begin(TcpSocket socket) {
  auto place = loop_->enter();
  if (place)
    return std::make_shared<HttpSession>(loop_, Socket(std::move(socket), std::move(*place)))
        ->start();
  const auto refusal = write_response(overloaded(), {});
  // What the client has sent already is taken, else closing would make the kernel take the answer
  // back.
  std::array<char, 4096> request;
  ::recv(socket.native_handle(), request.data(), request.size(), MSG_DONTWAIT);
  ::send(socket.native_handle(), refusal.data(), refusal.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// Out of file descriptors or memory: trying again at once would only spin.
void Listener::pause(error_code error) {
  if (!std::exchange(failing_, true))
    loop_->parts.log->warn("cannot accept connections: {}", error.message());
  pause_.expires_after(accept_pause);
  pause_.async_wait([self = shared_from_this()](error_code stopped) {
    if (!stopped && self->acceptor_.is_open()) self->accept();
  });
}

}  // namespace net
