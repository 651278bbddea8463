#include "net/websocket_session.h"

#include <algorithm>
#include <utility>

namespace net {
namespace {

constexpr std::size_t flush_bytes =
    256 * 1024;  // assembled at once; bounds the scratch buffer and the unsent rest
constexpr std::size_t max_control_bytes = 4096;
// Taken from one client before others have their turn: more than one read holds, unless it was compressed.
constexpr std::size_t max_turn_bytes = 1024UL * 1024;
constexpr Tick stalled_ticks = 30;  // 60 s in which the peer took nothing of what waits for it
constexpr Tick closing_ticks = 3;

}  // namespace

WebSocketSession::WebSocketSession(std::shared_ptr<Loop> loop, Socket socket,
                                   Compression compression)
    : loop_(std::move(loop)),
      socket_(std::move(socket)),
      reader_(static_cast<std::size_t>(loop_->parts.limits.max_message_bytes)),
      compression_(compression) {}

void WebSocketSession::start(std::string_view first, const base::IpAddress& client) {
  self_ = shared_from_this();
  heard_ = whole_ = loop_->wheel.now();
  loop_->wheel.file(*this, loop_->parts.patience.ping);
  loop_->opening = client;
  session_ = loop_->parts.open_session(*this);
  session_->start();
  const auto buffer = loop_->read_buffer().first(first.size());
  std::ranges::copy(first, buffer.begin());
  read(buffer);
  wait_readable();
  mark_dirty();
}

void WebSocketSession::wake() { mark_dirty(); }

void WebSocketSession::resume() {
  resumed_ = true;
  mark_dirty();
}

void WebSocketSession::close(relay::CloseReason reason) {
  if (state_ != State::open) return;
  drop_queue_ = true;
  finish(reason);
}

void WebSocketSession::stop() {
  if (state_ != State::open || std::exchange(stopping_, true)) return;
  mark_dirty();
}

void WebSocketSession::abort() {
  const auto keep = shared_from_this();
  lost();
}

void WebSocketSession::mark_dirty() {
  if (dirty_ || state_ == State::closed) return;
  dirty_ = true;
  loop_->at_end_of_turn(shared_from_this());
}

void WebSocketSession::turn() {
  if (std::exchange(resumed_, false) && std::exchange(paused_, false)) {
    whole_ = loop_->wheel.now();
    read({});
    wait_readable();
  }
  dirty_ = false;
  // What is under way is answered first: who reads no OK does not know that the event was kept.
  if (stopping_ && state_ == State::open && !session_->busy()) finish(relay::close_reason::restart);
  flush();
}

void WebSocketSession::wait_readable() {
  if (reading_ || paused_ || state_ == State::closed) return;
  reading_ = true;
  socket_.wait_readable([self = shared_from_this()] { self->on_readable(); });
}

void WebSocketSession::on_readable() {
  reading_ = false;
  if (state_ == State::closed) return;
  const auto buffer = loop_->read_buffer();
  const auto size = socket_.receive(buffer);
  if (!size) return lost();
  if (*size > 0) {
    heard_ = loop_->wheel.now();
    read(buffer.first(*size));
  }
  wait_readable();
}

void WebSocketSession::read(std::span<char> bytes) {
  if (state_ != State::open || stopping_) return;
  reader_.feed(bytes);
  Inflater* const inflater = compression_ ? &loop_->inflater : nullptr;
  std::size_t taken = 0;
  while (takes_input()) {
    const FrameEvent event = reader_.next(inflater);
    if (event.kind == FrameEvent::Kind::need_more) break;
    taken += event.payload.size();
    handle(event);
    if (taken > max_turn_bytes && !paused_ && state_ == State::open) {
      paused_ = true;
      resume();
    }
  }
  reader_.keep();
  if (reader_.is_idle()) whole_ = loop_->wheel.now();
}

void WebSocketSession::handle(const FrameEvent& event) {
  switch (event.kind) {
    case FrameEvent::Kind::text: {
      whole_ = loop_->wheel.now();
      const auto flow = session_->on_message(event.payload);
      paused_ = flow == relay::Session::Flow::wait && state_ == State::open;
      break;
    }
    case FrameEvent::Kind::ping:
      append_control(Opcode::pong, event.payload);
      break;
    case FrameEvent::Kind::close:
      finish({event.code, {}});
      break;
    case FrameEvent::Kind::failure:
      count(loop_->parts.counters->protocol_errors);
      finish({event.code, event.payload});
      break;
    case FrameEvent::Kind::need_more:
      break;
  }
}

void WebSocketSession::append_control(Opcode opcode, std::string_view payload) {
  // Of many pings only the latest needs its pong (RFC 6455 §5.5.3): a flood of them takes no
  // memory.
  if (control_.size() > max_control_bytes) control_.clear();
  append_frame(control_, opcode, payload);
  mark_dirty();
}

void WebSocketSession::flush() {
  if (state_ == State::closed) return;
  const bool may_send = socket_.unsent() == 0 || drop_queue_;
  if (may_send && !farewell_sent_ && !send_queued()) return lost();
  if (socket_.unsent() > 0) {
    wait_writable();
    drop_if_slow();
  } else if (farewell_sent_) {
    socket_.shut_down_sending();
  } else if (!session_->outgoing().empty()) {
    mark_dirty();
  }
}

bool WebSocketSession::send_queued() {
  auto& out = loop_->scratch;
  out.clear();
  const std::size_t taken = assemble(out);
  if (!socket_.send(out)) return false;
  if (farewell_sent_)
    release_session();
  else if (taken > 0)
    session_->on_sent();
  return true;
}

/// Takes from what is queued; returns how many messages.
std::size_t WebSocketSession::assemble(std::string& out) {
  out += std::exchange(control_, {});
  auto& queue = session_->outgoing();
  if (drop_queue_) queue.pop_front(queue.messages().size());
  const std::size_t taken = append_messages(out);
  queue.pop_front(taken);
  if (state_ == State::closing && queue.empty()) {
    append_close(out, farewell_.code, farewell_.text);
    farewell_sent_ = true;
  }
  return taken;
}

std::size_t WebSocketSession::append_messages(std::string& out) {
  std::size_t taken = 0;
  const auto append_all = [&](auto append) {
    for (const auto& message : session_->outgoing().messages()) {
      if (out.size() >= flush_bytes) break;
      append(message);
      ++taken;
    }
  };
  if (!compression_)
    append_all([&](const auto& message) { append_plain(out, message); });
  else
    append_all(
        [&](const auto& message) { loop_->compressed_frames.append(out, message, compression_); });
  return taken;
}

void WebSocketSession::wait_writable() {
  if (writing_) return;
  writing_ = true;
  took_ = loop_->wheel.now();
  // While the queue does not drain, the relay has no reason to call wake(): the wheel looks at the
  // limit as well.
  if (state_ == State::open) loop_->wheel.file(*this, 1);
  socket_.wait_writable([self = shared_from_this()] { self->on_writable(); });
}

void WebSocketSession::on_writable() {
  writing_ = false;
  if (state_ == State::closed) return;
  if (!socket_.send_rest()) return lost();
  heard_ = loop_->wheel.now();  // who takes what waits for it is there, ping or not
  mark_dirty();
}

void WebSocketSession::drop_if_slow() {
  if (state_ != State::open) return;
  const std::size_t waiting = socket_.unsent() + session_->outgoing().bytes();
  const bool too_much =
      waiting > static_cast<std::size_t>(loop_->parts.limits.max_send_queue_bytes);
  const bool stalled = writing_ && loop_->wheel.now() - took_ >= stalled_ticks;
  if (!too_much && !stalled) return;
  count(loop_->parts.counters->slow_readers);
  if (const auto times = loop_->slow_readers.again())
    base::log(loop_->parts.log, base::level::info, "dropped a slow reader",
              {{"waiting_bytes", waiting}, {"times", *times}});
  close(relay::close_reason::slow_reader);
}

void WebSocketSession::on_tick() {
  const auto keep = shared_from_this();
  if (state_ == State::closing) return lost();
  if (is_dawdling()) return close(relay::close_reason::slow_message);
  if (writing_) {
    loop_->wheel.file(*this, 1);
    return drop_if_slow();
  }
  const Tick idle = loop_->wheel.now() - heard_;
  const auto& patience = loop_->parts.patience;
  if (idle >= patience.idle && !paused_) return lost();
  if (idle >= patience.ping) {
    const Tick left = idle < patience.idle ? patience.idle - idle : patience.ping;
    loop_->wheel.file(*this, std::min(patience.ping, left));
    append_control(Opcode::ping, {});
  } else {
    loop_->wheel.file(*this, patience.ping - idle);
  }
}

/// Half a message holds memory for as long as its sender likes, who may answer every ping meanwhile.
bool WebSocketSession::is_dawdling() const {
  return !paused_ && !reader_.is_idle() &&
         loop_->wheel.now() - whole_ >= loop_->parts.patience.idle;
}

/// Begins to close: what is queued, the Close frame, the end of the stream. The peer's end or the
/// wheel completes it.
void WebSocketSession::finish(relay::CloseReason reason) {
  state_ = State::closing;
  farewell_ = reason;
  paused_ = false;
  loop_->wheel.file(*this, closing_ticks);
  wait_readable();
  mark_dirty();
}

void WebSocketSession::lost() {
  if (state_ == State::closed) return;
  if (state_ == State::open) farewell_ = relay::close_reason::lost;
  state_ = State::closed;
  unlink();
  socket_.close();
  release_session();
  self_.reset();
}

void WebSocketSession::release_session() {
  if (const auto session = std::exchange(session_, nullptr)) session->on_closed();
}

}  // namespace net
