#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/ip_address.h"
#include "relay/send_queue.h"

namespace relay {

/// Why the relay ends a connection: WebSocket close code (RFC 6455 §7.4) and a short reason the client can read.
struct CloseReason {
  std::uint16_t code;
  std::string_view text;  ///< static text, at most 123 bytes
};

namespace close_reason {
inline constexpr CloseReason slow_reader{1008,
                                         "slow reader: too much is waiting to be sent to you"};
inline constexpr CloseReason slow_message{1008, "slow sender: a message was begun and not ended"};
// Never sent (RFC 6455 §7.4.1).
inline constexpr CloseReason by_client{1005, "the client closed it, without a code"};
inline constexpr CloseReason lost{1006, "the connection was lost"};
inline constexpr CloseReason restart{1012, "the relay is restarting"};
inline constexpr CloseReason relearning{
    1012, "the relay reads its store anew; connect again and ask again"};
}  // namespace close_reason

/// The socket side of a connection, as the relay sees it; net/ implements it. Same thread as its Connection.
class Transport {
 public:
  virtual ~Transport() = default;
  /// The client's address; asked once, when the connection is opened.
  [[nodiscard]] virtual base::IpAddress peer() const = 0;
  /// Tells it from every other connection of the process, in the log; 0 where there is no socket.
  [[nodiscard]] virtual std::uint64_t number() const { return 0; }
  /// How the connection ended. From Session::on_closed() on.
  [[nodiscard]] virtual CloseReason ended() const { return close_reason::lost; }
  /// The send queue was empty and is not any more: flush it at the end of this loop turn.
  virtual void wake() = 0;
  /// The connection takes input again after Flow::wait.
  virtual void resume() = 0;
  /// Drop the connection; what is still queued may be lost. Never calls back into the Connection before it returns.
  virtual void close(CloseReason reason) = 0;
};

/// The relay side of a connection, as the socket sees it: Connection in the relay, an echo in tests of net/.
class Session {
 public:
  /// Must the socket hold back further input? (wait: until Transport::resume())
  enum class Flow { go_on, wait };

  virtual ~Session() = default;
  /// The WebSocket is open.
  virtual void start() = 0;
  /// One text message, whole, valid UTF-8, at most Limits::max_message_bytes. Never throws. Not called again after
  /// Flow::wait before resume(). `text` is valid during the call and followed by 64 readable bytes of padding.
  [[nodiscard]] virtual Flow on_message(std::string_view text) = 0;
  /// Messages were taken from outgoing(): sent, or copied to wait in the socket's own rest buffer.
  virtual void on_sent() = 0;
  /// The socket is gone: the transport is not used any more. Called once.
  virtual void on_closed() = 0;
  /// Is an answer to an earlier message still to come that the client must not miss? Transport::wake() follows.
  [[nodiscard]] virtual bool busy() const = 0;
  /// What the transport takes from, front first, at each flush.
  [[nodiscard]] virtual SendQueue& outgoing() = 0;
};

/// Called for each WebSocket that was opened; the transport outlives the session's last use of it (on_closed).
using OpenSession = std::function<std::shared_ptr<Session>(Transport&)>;

}  // namespace relay
