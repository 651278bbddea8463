#pragma once
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "base/repeated.h"
#include "net/address_counts.h"
#include "net/counters.h"
#include "net/deflate.h"
#include "net/outgoing_frames.h"
#include "net/patience.h"
#include "net/router.h"
#include "net/trusted_proxies.h"
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
  /// Room for one connection among Limits::max_connections; given back by the destructor. Without a
  /// loop it is no room.
  class Place {
   public:
    explicit Place(Loop* loop = nullptr, std::uint64_t number = 0) : loop_(loop), number_(number) {}
    Place(Place&& other) noexcept
        : loop_(std::exchange(other.loop_, nullptr)), number_(other.number_), seat_(other.seat_) {}
    Place& operator=(Place&&) = delete;
    ~Place() { release(); }
    /// Takes one of Limits::max_connections_per_address; false: all of them are taken. What
    /// it has taken, it keeps.
    [[nodiscard]] bool count(const base::IpAddress& client);
    void release();
    /// Which connection of the process this is, in the log.
    [[nodiscard]] std::uint64_t number() const { return number_; }

   private:
    Loop* loop_;
    std::uint64_t number_;
    AddressCounts::Seat seat_ = AddressCounts::uncounted;
  };

  struct Parts {
    boost::asio::io_context& io;
    base::Limits limits;
    std::chrono::milliseconds tick;
    Patience patience;
    TrustedProxies proxies;
    std::shared_ptr<AddressCounts> addresses;
    relay::OpenSession open_session;
    std::shared_ptr<const Router> router;
    std::shared_ptr<Counters> counters;
    base::Log log;
    bool compression = true;  ///< permessage-deflate is accepted
  };

  explicit Loop(Parts parts);

  /// Starts to count ticks.
  void start();
  /// Ends every connection politely, each at a moment of its own within `drain`, and what is left
  /// stop_ticks later; `on_done` is posted when all are gone.
  void stop(std::function<void()> on_done, std::chrono::milliseconds drain);
  /// Ends everything now and forgets what was to be done.
  void abort();

  /// nullopt: max_connections, over all workers, are open.
  [[nodiscard]] std::optional<Place> enter();
  /// Calls session.turn() when the handlers that are ready now have run.
  void at_end_of_turn(std::shared_ptr<WebSocketSession> session);

  [[nodiscard]] bool stopping() const { return stopping_; }
  /// A word that stands for one HTTP request, in its answer and in the log; says nothing about other requests.
  [[nodiscard]] std::string next_request_id();
  /// One read's worth, followed by text_padding bytes. Its content lasts until the next read of any
  /// connection.
  [[nodiscard]] std::span<char> read_buffer();

  Parts parts;
  Wheel wheel;
  std::string scratch;  ///< where a flush is assembled
  Inflater inflater;
  CompressedFrames compressed_frames;
  base::Repeated slow_readers;  ///< the line about them
  /// Of the WebSocket that is being opened: asked once, so no connection keeps it.
  base::IpAddress opening;

 private:
  static constexpr Tick stop_ticks = 2;

  void wait_tick();
  void drain();
  void wait_drain(std::chrono::steady_clock::duration time, void (Loop::*then)());
  void end_drain() { wheel.abort_all(); }
  void run_turn();
  void leave(AddressCounts::Seat seat);
  void finish_stop();
  [[nodiscard]] bool stopped() const { return stopping_ && open_ == 0; }

  Timer timer_;
  Timer drain_timer_;
  std::chrono::steady_clock::time_point drained_at_;
  std::minstd_rand random_{std::random_device{}()};
  std::uint64_t requests_ = std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
  std::vector<char> read_buffer_;
  std::vector<std::shared_ptr<WebSocketSession>> dirty_, turning_;
  std::size_t open_ = 0;
  bool stopping_ = false;
  std::function<void()> on_stopped_;
};

}  // namespace net
