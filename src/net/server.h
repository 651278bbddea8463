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
#include "net/address_counts.h"
#include "net/bind_keys.h"
#include "net/counters.h"
#include "net/patience.h"
#include "net/router.h"
#include "net/trusted_proxies.h"
#include "relay/transport.h"

namespace net {

class Listener;
class Loop;
class TlsContext;
class UnixSocket;

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an IPv4 or IPv6 address, also in brackets, or "localhost"
  std::uint16_t port = 8080;       ///< 0: any free one
  base::Limits limits = {};
  std::shared_ptr<Counters> counters = std::make_shared<Counters>();  ///< one for all workers
  std::shared_ptr<AddressCounts> addresses =
      std::make_shared<AddressCounts>(0);  ///< one for all workers; twice max_connections of places
  TrustedProxies proxies{};
  Patience patience{};
  std::shared_ptr<const TlsContext> tls{};          ///< none: the port speaks HTTP in clear
  std::shared_ptr<const UnixSocket> unix_socket{};  ///< served besides the port, never with TLS;
                                                    ///< held until listen()
  /// Grain of all deadlines.
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
  /// `open_session`: null where no WebSocket is served.
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
  void reload(const base::Limits& limits, const Patience& patience, TrustedProxies proxies);

  /// Accepts no more, sends what is queued and closes every WebSocket with close_reason::restart,
  /// each at a moment of its own within `drain`, so that their clients do not all come back at once;
  /// lets HTTP requests finish, and two ticks after `drain` drops what is left. `on_done` is posted to
  /// `io` once. Call it once.
  void stop(std::function<void()> on_done, std::chrono::milliseconds drain = {});

 private:
  void close_listeners();

  const std::string host_;
  const std::uint16_t wanted_port_;
  std::shared_ptr<const UnixSocket> unix_socket_;  // until listen()
  std::shared_ptr<Loop> loop_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<Listener> local_listener_;  // of the Unix socket; null without one
};

/// Whether a first server may listen there: no other program does. To be asked before the workers
/// listen.
[[nodiscard]] std::expected<void, std::string> check_port_is_free(std::string_view host,
                                                                  std::uint16_t port,
                                                                  BindKeys keys = {});

}  // namespace net
