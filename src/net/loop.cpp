#include "net/loop.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "net/padded_bytes.h"
#include "net/websocket_session.h"

namespace net {
namespace {

constexpr std::size_t read_bytes = 512 * 1024;
constexpr std::chrono::milliseconds drain_step{100};

}  // namespace

Loop::Loop(Parts loop_parts)
    : parts(std::move(loop_parts)),
      timer_(parts.io),
      drain_timer_(parts.io),
      read_buffer_(read_bytes + text_padding) {}

std::span<char> Loop::read_buffer() { return std::span(read_buffer_).first(read_bytes); }

void Loop::start() { wait_tick(); }

void Loop::wait_tick() {
  timer_.expires_after(parts.tick);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || self->stopped()) return;
    self->wheel.advance();
    if (!self->stopped()) self->wait_tick();
  });
}

void Loop::stop(std::function<void()> on_done, std::chrono::milliseconds drain_time) {
  on_stopped_ = std::move(on_done);
  stopping_ = true;
  drained_at_ = std::chrono::steady_clock::now() + drain_time;
  drain();
  if (open_ == 0) finish_stop();
}

/// Each connection is told to end in one of the steps that are left, all with the same chance.
void Loop::drain() {
  const auto steps = (drained_at_ - std::chrono::steady_clock::now()) / drain_step;
  if (steps <= 0) {
    wheel.stop_all();
    return wait_drain(parts.tick * stop_ticks, &Loop::end_drain);
  }
  std::uniform_int_distribution<std::int64_t> step(0, steps);
  wheel.stop_some([&] { return step(random_) == 0; });
  wait_drain(drain_step, &Loop::drain);
}

void Loop::wait_drain(std::chrono::steady_clock::duration time, void (Loop::*then)()) {
  drain_timer_.expires_after(time);
  drain_timer_.async_wait([self = shared_from_this(), then](boost::system::error_code error) {
    if (!error && !self->stopped()) (self.get()->*then)();
  });
}

void Loop::abort() {
  stopping_ = true;
  on_stopped_ = nullptr;
  timer_.cancel();
  drain_timer_.cancel();
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
  const auto number = counters.accepted.fetch_add(1, std::memory_order_relaxed) + 1;
  ++open_;
  return std::optional<Place>(std::in_place, this, number);
}

/// splitmix64 of a counter: no two are the same.
std::string Loop::next_request_id() {
  std::uint64_t id = requests_ += 0x9e3779b97f4a7c15;
  id = (id ^ id >> 30) * 0xbf58476d1ce4e5b9;
  id = (id ^ id >> 27) * 0x94d049bb133111eb;
  return fmt::format("{:016x}", id ^ id >> 31);
}

bool Loop::Place::count(const base::IpAddress& client) {
  if (seat_ != AddressCounts::uncounted) return true;
  const auto& parts = loop_->parts;
  const auto most = parts.limits.max_connections_per_address;
  // An address that is not public is a proxy nobody told us of, or the operator's own network.
  if (most == 0 || !base::is_public(client)) return true;
  const auto seat = parts.addresses->enter(client, most);
  seat_ = seat.value_or(AddressCounts::uncounted);
  return seat.has_value();
}

void Loop::Place::release() {
  if (auto* loop = std::exchange(loop_, nullptr)) loop->leave(seat_);
}

void Loop::leave(AddressCounts::Seat seat) {
  parts.addresses->leave(seat);
  parts.counters->open.fetch_sub(1, std::memory_order_relaxed);
  if (--open_ == 0 && stopping_) finish_stop();
}

void Loop::finish_stop() {
  timer_.cancel();
  drain_timer_.cancel();
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
