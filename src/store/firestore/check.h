#pragma once
// Which commit is the newest one?
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <expected>
#include <memory>

#include "store/fetched/loop.h"
#include "store/firestore/chain.h"
#include "store/firestore/client.h"
#include "store/store_error.h"

namespace store::firestore {

/// Asks Firestore, and tells the chain. Thread-safe.
class Checks {
 public:
  /// The newest commit there was at that time: what is read as of it is a state of the store that all instances agree on.
  struct Checked {
    CommitPtr newest = std::make_shared<const Commit>();
    Timestamp read_time{};
  };

  /// `loop` and `client` outlive the last use; `patience`: how long one check may take.
  Checks(fetched::Loop& loop, const Client& client, std::shared_ptr<Chain> chain,
         std::chrono::milliseconds patience);
  /// REQUIRES: stop().
  ~Checks() = default;

  /// By a look that begins after this call, so that it sees what anybody was told before. All who wait when one begins
  /// share it.
  [[nodiscard]] boost::asio::awaitable<std::expected<Checked, StoreError>> check(
      Deadline deadline) const;
  /// Also whether the newest commit that the chain knows is still there; if it is not, history was changed, and the chain
  /// begins anew.
  [[nodiscard]] boost::asio::awaitable<std::expected<CommitPtr, StoreError>> verify(
      Deadline deadline) const;
  /// Has the chain begin at the newest commit there is.
  [[nodiscard]] boost::asio::awaitable<std::expected<CommitPtr, StoreError>> begin(
      Deadline deadline) const;

  /// Before the client goes: nothing is asked any more. REQUIRES: no call is under way.
  void stop();

 private:
  struct State;
  fetched::Loop& loop_;
  const std::shared_ptr<State> state_;
};

}  // namespace store::firestore
