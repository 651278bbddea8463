#include "net/server.h"

#include "net/listener.h"
#include "net/loop.h"
#include "net/unix_socket.h"

namespace net {

Server::Server(boost::asio::io_context& io, ServerOptions options, relay::OpenSession open_session,
               std::shared_ptr<const Router> router, base::Log log)
    : host_(std::move(options.host)),
      wanted_port_(options.port),
      unix_socket_(std::move(options.unix_socket)),
      loop_(std::make_shared<Loop>(Loop::Parts{
          io, options.limits, options.tick, options.patience, std::move(options.proxies),
          std::move(options.addresses), std::move(open_session), std::move(router),
          std::move(options.counters), base::component(log, "net"), options.compression})),
      listener_(std::make_shared<Listener>(loop_, std::move(options.tls))),
      local_listener_(unix_socket_ ? std::make_shared<Listener>(loop_, nullptr) : nullptr) {}

Server::~Server() {
  close_listeners();
  loop_->abort();
}

std::expected<void, std::string> Server::listen() {
  auto listening = listener_->listen(host_, wanted_port_);
  if (listening && local_listener_) listening = local_listener_->listen(*unix_socket_);
  unix_socket_.reset();
  if (listening) loop_->start();
  return listening;
}

std::uint16_t Server::port() const { return listener_->port(); }

void Server::reload(const base::Limits& limits, const Patience& patience, TrustedProxies proxies) {
  loop_->parts.limits = limits;
  loop_->parts.patience = patience;
  loop_->parts.proxies = std::move(proxies);
}

void Server::stop(std::function<void()> on_done, std::chrono::milliseconds drain) {
  close_listeners();
  loop_->stop(std::move(on_done), drain);
}

void Server::close_listeners() {
  listener_->close();
  if (local_listener_) local_listener_->close();
}

std::expected<void, std::string> check_port_is_free(std::string_view host, std::uint16_t port,
                                                    BindKeys keys) {
  const auto endpoint = endpoint_of(host, port);
  if (!endpoint) return std::unexpected(endpoint.error());
  boost::asio::io_context io;
  Acceptor probe(io);
  boost::system::error_code error;
  probe.open(endpoint->protocol(), error);
  // Connections of an earlier run that are in TIME_WAIT do not count; a listening socket does.
  if (!error) probe.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) probe.bind(*endpoint, error);
  if (error) return std::unexpected(bind_failure(host, port, error, keys));
  return {};
}

}  // namespace net
