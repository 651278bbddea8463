#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "store/fetched/loop.h"
#include "store/postgres/connection.h"

namespace store::postgres {

/// The connection of who commits: opened when it is needed, and again after it was lost.
///
/// Called by one at a time, from any thread; the connection lives on the loop, which outlives this.
class Link {
 public:
  Link(fetched::Loop& loop, Connection::Options options);
  ~Link();

  [[nodiscard]] boost::asio::awaitable<Answer> run(std::vector<Call> calls, Deadline deadline);
  /// run() on the connection of the last one. What belongs to a transaction must not go anywhere
  /// else, without its lock: where that connection is gone, so is the transaction (closed_state).
  [[nodiscard]] boost::asio::awaitable<Answer> go_on(std::vector<Call> calls, Deadline deadline);
  /// Sends it along; whether it went well is of no interest.
  void post(Call call);
  /// Gives the connection up, and with it the transaction that is open.
  void reset();

 private:
  struct State;
  fetched::Loop& loop_;
  const std::shared_ptr<State> state_;
};

}  // namespace store::postgres
