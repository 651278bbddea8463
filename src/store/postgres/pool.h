#pragma once
// The connections that queries share.
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/backoff.h"
#include "store/postgres/connection.h"

namespace store::postgres {

/// Up to `max` connections, opened when those that are open are busy, one at a time, and again
/// after a loss. Confined to one thread: that of its executor. Owned by shared_ptr; close() it
/// before letting go.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  struct Options {
    std::string conninfo{};
    std::size_t max = 4;
    std::size_t per_connection = 8;    ///< groups under way on one; further ones wait
    std::size_t max_waiting = 1024;    ///< further ones are refused
    std::chrono::seconds patience{5};  ///< for opening one
  };

  [[nodiscard]] static std::shared_ptr<Pool> make(boost::asio::any_io_executor executor,
                                                  Options options);

  /// Connection::run() on the least busy one; waits for one until the deadline. REQUIRES: the calls
  /// only read. What a lost connection left unanswered is asked once more.
  [[nodiscard]] boost::asio::awaitable<Answer> run(std::vector<Call> calls, Deadline deadline);

  [[nodiscard]] std::size_t open_connections() const;
  /// Whoever waits gets lost; nothing is opened any more.
  void close();

 private:
  struct Slot {
    std::shared_ptr<Connection> connection;
    std::size_t busy = 0;
  };
  struct Waiter;
  class Lease;
  using Self = std::shared_ptr<Pool>;
  using Leased = std::expected<std::unique_ptr<Lease>, Failure>;

  Pool(boost::asio::any_io_executor executor, Options options)
      : executor_(std::move(executor)), options_(std::move(options)) {}

  static boost::asio::awaitable<Answer> answered(Self self, std::vector<Call> calls,
                                                 Deadline deadline);
  static boost::asio::awaitable<Answer> attempt(Self self, std::vector<Call> calls,
                                                Deadline deadline);
  static boost::asio::awaitable<Leased> acquire(Self self, Deadline deadline);
  static boost::asio::awaitable<void> keep_opening(Self self);

  [[nodiscard]] std::unique_ptr<Lease> lease();
  void serve();
  void open_more();
  [[nodiscard]] bool take(std::shared_ptr<Connection> connection,
                          std::expected<void, Failure> opened);
  [[nodiscard]] Failure nothing_came() const;

  boost::asio::any_io_executor executor_;
  Options options_;
  std::vector<std::shared_ptr<Slot>> slots_;
  std::deque<std::shared_ptr<Waiter>> waiting_;  // in order
  bool opening_ = false;                         // keep_opening() is under way
  std::shared_ptr<Connection> connecting_;       // its last attempt
  std::optional<Failure> last_failure_;          // of opening, since the last success
  Backoff backoff_{std::chrono::milliseconds(50), std::chrono::seconds(2)};
  Deadline not_before_{};  // for the next attempt at opening
  bool closed_ = false;
};

}  // namespace store::postgres
