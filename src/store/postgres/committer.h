#pragma once
#include <chrono>
#include <functional>

#include "store/fetched/ledger.h"
#include "store/postgres/facts.h"
#include "store/postgres/follower.h"

namespace store::postgres {

/// Commits under the lock that gives all instances' commits one order (docs/format/postgres.md).
///
/// One transaction: take the lock; read the newest commit and what the rules will need; run the rules, and fetch what
/// they lacked, until they lack nothing; write. It is tried again, from the start, while it can pass and there is time.
/// A COMMIT that was not answered is settled before anything else: whoever has the lock can see whether it happened.
///
/// Used by one at a time; outlived by the link.
class Committer {
 public:
  /// The rules (store/rules.h) on a ledger whose newest commit is `last`. Run as often as it takes; the last run counts.
  using Rules = std::function<BatchPtr(Ledger& ledger, Seq last)>;

  Committer(Link& link, std::chrono::milliseconds timeout);

  /// Begins behind the newest commit. Before the first commit.
  void begin_at(Mark mark) { follower_.set_mark(std::move(mark)); }

  /// `expected`: what the rules will need in any case. The batch is that of the rules, with what others committed before
  /// it; after an error of unknown_outcome others' batches may bring it one day.
  [[nodiscard]] boost::asio::awaitable<std::expected<BatchPtr, StoreError>> commit(
      const fetched::Needs& expected, const Rules& rules);
  /// What others committed; `more`: there is more to catch up with.
  struct CaughtUp {
    BatchPtr batch;
    bool more = false;
  };
  [[nodiscard]] boost::asio::awaitable<std::expected<CaughtUp, StoreError>> catch_up();

  [[nodiscard]] Sha256& sha256() { return sha256_; }

 private:
  /// What the newest commit says.
  struct Base {
    Mark mark{};
    std::int64_t events = 0;
  };
  /// A batch that was committed, behind `base`.
  struct Done {
    BatchPtr batch;
    Mark base;
    Mark mark;
  };
  struct Trouble {
    StoreError error;
    bool passing = false;
  };
  struct Opened {
    Base base;
    bool settled = false;  // the unanswered commit is there
  };

  [[nodiscard]] boost::asio::awaitable<std::expected<Done, Trouble>> attempt(
      const fetched::Needs& expected, const Rules& rules, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<Opened, Trouble>> open(
      const fetched::Needs& expected, fetched::Facts& facts, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<void, Trouble>> fetch(
      const fetched::Needs& needs, fetched::Facts& facts, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<Done, Trouble>> write(
      BatchPtr batch, const Base& base, const fetched::Changes& changes, Deadline deadline);
  /// With what others committed before.
  [[nodiscard]] boost::asio::awaitable<std::expected<BatchPtr, StoreError>> announce(
      Done done, Deadline deadline);
  [[nodiscard]] Trouble trouble(const Failure& failure);

  Link& link_;
  const std::chrono::milliseconds timeout_;
  Follower follower_;
  Sha256 sha256_;
  nostr::MessageParser parser_;
  std::optional<Done> unanswered_;
};

}  // namespace store::postgres
