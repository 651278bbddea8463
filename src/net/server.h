#pragma once
// A worker's listening socket and all connections accepted on it.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/log.h"
#include "net/counters.h"
#include "net/router.h"
#include "relay/transport.h"

namespace net {

class Listener;
class Loop;

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an IPv4 or IPv6 address or "localhost"
  std::uint16_t port = 8080;       ///< 0: any free one
  base::Limits limits = {};
  std::shared_ptr<Counters> counters = std::make_shared<Counters>();  ///< one for all workers
  /// Grain of all deadlines: 5 ticks for a request, a ping after 20 of silence, the end after 40; 2
  /// for stop().
  std::chrono::milliseconds tick{2000};
  bool compression = true;  ///< permessage-deflate (RFC 7692) with the clients that offer it
};

/// Serves HTTP and WebSockets on one thread; several servers, one per thread, share a port
/// (SO_REUSEPORT).
///
/// Confined to the thread that runs `io`, which must outlive the server. The destructor drops every
/// connection; a coroutine of an HTTP handler that is still waiting then goes on without its
/// socket.
class Server {
 public:
  Server(boost::asio::io_context& io, ServerOptions options, relay::OpenSession open_session,
         std::shared_ptr<const Router> router, base::Log log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The error says what to do about it. SO_REUSEPORT hides another relay on the same port:
  /// check_port_is_free().
  [[nodiscard]] std::expected<void, std::string> listen();
  /// The bound port; 0 before listen().
  [[nodiscard]] std::uint16_t port() const;

  /// From now on these hold; an open WebSocket keeps its bound on a message.
  void reload(const base::Limits& limits);

  /// Accepts no more, sends what is queued and closes every WebSocket with close_reason::restart,
  /// lets HTTP requests finish, and after two ticks drops what is left. `on_done` is posted to `io`
  /// once. Call it once.
  void stop(std::function<void()> on_done);

 private:
  const std::string host_;
  const std::uint16_t wanted_port_;
  std::shared_ptr<Loop> loop_;
  std::shared_ptr<Listener> listener_;
};

/// Whether a first server may listen there: no other program does. To be asked before the workers
/// listen.
[[nodiscard]] std::expected<void, std::string> check_port_is_free(std::string_view host,
                                                                  std::uint16_t port);

}  // namespace net
