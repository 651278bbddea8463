#pragma once
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "net/counters.h"
#include "net/deflate.h"
#include "net/outgoing_frames.h"
#include "net/router.h"
#include "net/wheel.h"
#include "relay/transport.h"

namespace net {

class WebSocketSession;

/// `executor_type` instead of Asio's any_io_executor: no virtual call and no allocation per
/// operation.
using Executor = boost::asio::io_context::executor_type;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

/// What the connections of one worker share: its thread's buffers, what to flush at the end of the
/// loop turn, the deadlines. Confined to the thread that runs `io`, which must outlive it.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  /// Room for one connection among Limits::max_connections; given back by the destructor.
  class Place {
   public:
    explicit Place(Loop& loop) : loop_(&loop) {}
    Place(Place&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() { release(); }
    void release() {
      if (auto* loop = std::exchange(loop_, nullptr)) loop->leave();
    }

   private:
    Loop* loop_;
  };

  struct Parts {
    boost::asio::io_context& io;
    base::Limits limits;
    std::chrono::milliseconds tick;
    relay::OpenSession open_session;
    std::shared_ptr<const Router> router;
    std::shared_ptr<Counters> counters;
    base::Log log;
    bool compression = true;  ///< permessage-deflate is accepted
  };

  explicit Loop(Parts parts);

  /// Starts to count ticks.
  void start();
  /// Ends every connection politely, the rest after stop_ticks; `on_done` is posted when all are
  /// gone.
  void stop(std::function<void()> on_done);
  /// Ends everything now and forgets what was to be done.
  void abort();

  /// nullopt: max_connections, over all workers, are open.
  [[nodiscard]] std::optional<Place> enter();
  /// Calls session.turn() when the handlers that are ready now have run.
  void at_end_of_turn(std::shared_ptr<WebSocketSession> session);

  [[nodiscard]] bool stopping() const { return stopping_; }
  /// One read's worth, followed by text_padding bytes. Its content lasts until the next read of any
  /// connection.
  [[nodiscard]] std::span<char> read_buffer();

  Parts parts;
  Wheel wheel;
  std::string scratch;  ///< where a flush is assembled
  Inflater inflater;
  CompressedFrames compressed_frames;

 private:
  static constexpr Tick stop_ticks = 2;

  void wait_tick();
  void run_turn();
  void leave();
  void finish_stop();

  Timer timer_;
  std::vector<char> read_buffer_;
  std::vector<std::shared_ptr<WebSocketSession>> dirty_, turning_;
  std::size_t open_ = 0;
  bool stopping_ = false;
  std::function<void()> on_stopped_;
};

}  // namespace net
