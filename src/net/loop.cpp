#include "net/loop.h"

#include <boost/asio/post.hpp>

#include "net/padded_bytes.h"
#include "net/websocket_session.h"

namespace net {
namespace {

constexpr std::size_t read_bytes = 512 * 1024;

}  // namespace

Loop::Loop(Parts loop_parts)
    : parts(std::move(loop_parts)), timer_(parts.io), read_buffer_(read_bytes + text_padding) {}

std::span<char> Loop::read_buffer() { return std::span(read_buffer_).first(read_bytes); }

void Loop::start() { wait_tick(); }

void Loop::wait_tick() {
  timer_.expires_after(parts.tick);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || self->stopping_) return;
    self->wheel.advance();
    self->wait_tick();
  });
}

void Loop::stop(std::function<void()> on_done) {
  on_stopped_ = std::move(on_done);
  stopping_ = true;
  wheel.stop_all();
  timer_.expires_after(parts.tick * stop_ticks);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->wheel.abort_all();
  });
  if (open_ == 0) finish_stop();
}

void Loop::abort() {
  stopping_ = true;
  on_stopped_ = nullptr;
  timer_.cancel();
  wheel.abort_all();
  dirty_.clear();
}

std::optional<Loop::Place> Loop::enter() {
  auto& counters = *parts.counters;
  const auto open_before = counters.open.fetch_add(1, std::memory_order_relaxed);
  if (open_before >= static_cast<std::uint64_t>(parts.limits.max_connections)) {
    counters.open.fetch_sub(1, std::memory_order_relaxed);
    count(counters.refused);
    return std::nullopt;
  }
  count(counters.accepted);
  ++open_;
  return std::optional<Place>(std::in_place, *this);
}

void Loop::leave() {
  parts.counters->open.fetch_sub(1, std::memory_order_relaxed);
  if (--open_ == 0 && stopping_) finish_stop();
}

void Loop::finish_stop() {
  timer_.cancel();
  if (on_stopped_) boost::asio::post(parts.io, std::exchange(on_stopped_, nullptr));
}

void Loop::at_end_of_turn(std::shared_ptr<WebSocketSession> session) {
  dirty_.push_back(std::move(session));
  if (dirty_.size() > 1) return;
  boost::asio::post(parts.io, [self = shared_from_this()] { self->run_turn(); });
}

void Loop::run_turn() {
  dirty_.swap(turning_);
  for (const auto& session : turning_) session->turn();
  turning_.clear();
  compressed_frames.end_turn();
}

}  // namespace net
