#pragma once
// One connection to PostgreSQL, in pipeline mode (PostgreSQL 15, 34.5), that many coroutines share.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/postgres/conninfo.h"
#include "store/postgres/failure.h"
#include "store/postgres/values.h"

namespace store::postgres {

using Deadline = std::chrono::steady_clock::time_point;

/// One statement. It is prepared on first use; `simple` ones (BEGIN, COMMIT, SET, DDL) are not.
struct Call {
  std::string sql;
  Params params{};
  bool simple = false;
};

/// The SQLSTATE of a refusal because the connection is closed: nothing was sent.
inline constexpr const char* closed_state = "08003";

using Answer = std::expected<std::vector<Result>, Failure>;

/// Confined to one thread: that of its executor. Owned by shared_ptr; whoever waits in open() or
/// run() owns it as well, and letting go of the last one, or close(), is safe at any time. Opened
/// once: a closed one stays closed.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Options {
    std::string conninfo{};
    std::size_t max_in_flight = 256;      ///< groups; further ones are refused
    std::size_t max_bytes = 256u << 20u;  ///< of the parameters of one group
    std::size_t max_statements = 512;     ///< kept prepared; further ones are sent whole each time
  };

  [[nodiscard]] static std::shared_ptr<Connection> make(boost::asio::any_io_executor executor,
                                                        Options options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Connects and sets the session up; refuses a standby. REQUIRES: the first call.
  [[nodiscard]] boost::asio::awaitable<std::expected<void, Failure>> open(Deadline deadline);

  /// Sends the calls as one group and waits for the result of each, in order. The first that the
  /// server refuses fails the group, and the server leaves the rest of it out; without BEGIN a
  /// group is one transaction. Groups may be sent while others are under way: they are done in the
  /// order of the calls of run(). When the deadline passes the connection is closed: this fails
  /// with timeout, the others that wait with lost. A caller that is cancelled gets lost at once;
  /// what it sent is done.
  [[nodiscard]] boost::asio::awaitable<Answer> run(std::vector<Call> calls, Deadline deadline);

  /// As run(), but nobody waits and errors are ignored; left out when the connection is closed or
  /// full.
  void post(Call call);

  /// Called on the thread when notifications have come: once for all that came together.
  void on_notify(std::function<void()> told) { on_notify_ = std::move(told); }
  /// Called once, on the thread, when an open connection is lost or closed.
  void on_close(std::function<void()> told) { on_close_ = std::move(told); }

  [[nodiscard]] bool is_open() const { return open_; }
  /// Groups without an answer.
  [[nodiscard]] std::size_t in_flight() const { return groups_.size(); }
  /// What is under way fails with lost.
  void close();

 private:
  struct Group;
  struct Statement {
    std::string name;
    std::vector<Oid> types;
    bool ready = false;  // the server said so

    /// One that another group is preparing does not: that group may fail before it comes to it.
    [[nodiscard]] bool serves(const Call& call) const {
      return ready && types == call.params.types();
    }
  };
  using Wait = boost::asio::posix::stream_descriptor::wait_type;
  using Self = std::shared_ptr<Connection>;

  Connection(boost::asio::any_io_executor executor, Options options);

  static boost::asio::awaitable<std::expected<void, Failure>> opened(Self self, Deadline deadline);
  static boost::asio::awaitable<Answer> answered(Self self, std::vector<Call> calls,
                                                 Deadline deadline);
  static boost::asio::awaitable<Answer> wait(Self self, std::shared_ptr<Group> group);

  void poll_connecting();
  void begin_pipeline();
  void when(Wait ready, void (Connection::*next)());
  void on_readable();
  void on_writable();

  [[nodiscard]] std::optional<Failure> obstacle(std::span<const Call> calls,
                                                Deadline deadline) const;
  std::shared_ptr<Group> queue(Deadline deadline);
  std::shared_ptr<Group> send(std::span<const Call> calls, Deadline deadline);
  [[nodiscard]] bool send(const Call& call, Group& group);
  [[nodiscard]] const Statement* prepare(const Call& call, Group& group);
  void flush();

  [[nodiscard]] bool consume();
  void drain();
  void take(PGresult* owned);
  void step(PGresult* owned);
  [[nodiscard]] bool take_notifications();
  void fail(const Failure& failure);

  boost::asio::any_io_executor executor_;
  Options options_;
  ConnectionHandle handle_;
  boost::asio::posix::stream_descriptor socket_;  // libpq's: released, never closed
  bool open_ = false;
  bool writing_ = false;
  unsigned nulls_ = 0;  // PQgetResult's, in a row
  unsigned names_ = 0;
  std::map<std::string, Statement, std::less<>> statements_;  // by their text
  std::deque<std::shared_ptr<Group>> groups_;                 // sent, in order
  std::function<void()> on_notify_, on_close_;
};

}  // namespace store::postgres
