#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/compression.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/websocket_frames.h"
#include "net/wheel.h"
#include "relay/transport.h"

namespace net {

/// An open WebSocket. Confined to its loop's thread.
///
/// It keeps itself alive until the socket is gone, and is destroyed when no handler refers to it.
/// Idle, it holds no buffer. Everything the relay asks of it happens at the end of the loop turn,
/// so no call of the relay into the transport ever comes back into the relay.
class WebSocketSession final : public relay::Transport,
                               public Watched,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(std::shared_ptr<Loop> loop, Socket socket, Compression compression = {});

  /// `first`: what the client sent right behind its upgrade request.
  void start(std::string_view first, const base::IpAddress& client);
  /// What at_end_of_turn() asked for.
  void turn();

  // relay::Transport
  [[nodiscard]] base::IpAddress peer() const override { return loop_->opening; }
  [[nodiscard]] std::uint64_t number() const override { return socket_.number(); }
  [[nodiscard]] relay::CloseReason ended() const override {
    return farewell_.code == 0 ? relay::close_reason::by_client : farewell_;
  }
  void wake() override;
  void resume() override;
  void close(relay::CloseReason reason) override;

  // Watched
  void on_tick() override;
  void stop() override;
  void abort() override;

 private:
  /// closing: input is not looked at any more; the Close frame follows what is queued, then the end
  /// of the stream.
  enum class State : std::uint8_t { open, closing, closed };
  [[nodiscard]] bool takes_input() const { return state_ == State::open && !paused_ && !stopping_; }

  void mark_dirty();
  void wait_readable();
  void wait_writable();
  void on_readable();
  void on_writable();
  void read(std::span<char> bytes);
  void handle(const FrameEvent& event);
  void append_control(Opcode opcode, std::string_view payload);

  void flush();
  [[nodiscard]] bool send_queued();
  std::size_t assemble(std::string& out);
  std::size_t append_messages(std::string& out);
  void drop_if_slow();
  [[nodiscard]] bool is_dawdling() const;

  void finish(relay::CloseReason reason);
  void lost();
  void release_session();

  std::shared_ptr<Loop> loop_;
  std::shared_ptr<WebSocketSession> self_;   // until the socket is gone
  std::shared_ptr<relay::Session> session_;  // until its last message is sent or the socket is gone
  Socket socket_;
  FrameReader reader_;
  std::string control_;            // pings and pongs to send, framed
  relay::CloseReason farewell_{};  // once closing
  Tick heard_ = 0;                 // when the peer last sent anything
  Tick took_ = 0;                  // while writing: when the peer last took anything
  Tick whole_ = 0;                 // when a message was last complete, or none was half here
  const Compression compression_;  // what was agreed on
  State state_ = State::open;
  bool dirty_ = false;
  bool reading_ = false;     // a handler waits for the socket to be readable
  bool writing_ = false;     // a handler waits for the socket to be writable
  bool paused_ = false;      // Flow::wait
  bool resumed_ = false;     // resume() was called in this turn
  bool drop_queue_ = false;  // closing without what is queued
  bool farewell_sent_ = false;
  bool stopping_ = false;  // takes no more; closes when the session is not busy
};

}  // namespace net
