#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_message.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/wheel.h"

namespace net {

/// The refusals of a connection: over max_connections, over max_connections_per_address.
[[nodiscard]] relay::HttpResponse overloaded();
[[nodiscard]] relay::HttpResponse too_many_connections();

/// A connection as it begins: HTTP/1.1, one request at a time, until it ends or becomes a
/// WebSocketSession.
///
/// Confined to its loop's thread. Kept alive by whatever it waits for: the socket or a handler,
/// which may go on after the socket is gone.
class HttpSession final : public Watched, public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<Loop> loop, Socket socket);
  void start();

  // Watched
  void on_tick() override;
  void stop() override;
  void abort() override;

 private:
  /// lingering: all is said; input is dropped until the peer's end, because closing earlier would
  /// make the kernel take back what the peer has not read yet.
  enum class Phase : std::uint8_t { receiving, handling, sending, lingering, closed };

  void await_request();
  void wait_readable();
  void on_readable();
  void parse();
  void handle(ParsedRequest parsed);
  void call(const relay::HttpHandler& handler, relay::HttpRequest request);
  void become_websocket(const relay::HttpRequest& request);
  void refuse(relay::HttpResponse response);
  void answer(relay::HttpResponse response);
  void log_answer(std::string_view request_id, int status) const;
  void continue_sending();
  void linger();
  void close();

  std::shared_ptr<Loop> loop_;
  Socket socket_;
  std::unique_ptr<HttpParser> parser_;  // while a request is incomplete
  std::string input_;                   // received, not parsed
  Phase phase_ = Phase::receiving;
  ResponseForm form_;  // of the answer to the request at hand
  std::string_view
      path_;  // of its route: what a client writes behind that does not get into the log
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace net
