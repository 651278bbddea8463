#pragma once
#include <chrono>
#include <functional>
#include <random>

#include "store/fetched/ledger.h"
#include "store/firestore/check.h"
#include "store/firestore/facts.h"
#include "store/firestore/follower.h"
#include "store/firestore/pace.h"

namespace store::firestore {

/// Commits by racing for the next slot of the chain (docs/format/firestore.md).
///
/// One attempt, on top of the newest commit that is known: fetch what the rules will need, run them, fetch what they
/// lacked, until they lack nothing; then write everything at once, with a commit in the next slot, which must be free. What
/// was read after the newest commit was known is true if that succeeds. Whoever loses the race begins anew behind the
/// winner. An attempt that was not answered is settled first: what stands in its slot tells.
///
/// Used by one at a time, on the caller's executor; outlived by what it is given by reference.
class Committer {
 public:
  /// The rules (store/rules.h) on a ledger whose newest commit is `last`. Run as often as it takes; the last run counts.
  using Rules = std::function<BatchPtr(Ledger& ledger, Seq last)>;

  Committer(const Client& client, const Names& names, const Checks& checks,
            std::shared_ptr<Chain> chain, Pace& pace, std::chrono::milliseconds timeout);

  /// Begins behind that commit. Before the first commit.
  void begin_at(CommitPtr commit) { follower_.set_mark(std::move(commit)); }

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
  /// A batch behind `base`, and its commit: `base` itself when there was nothing to write.
  struct Done {
    BatchPtr batch;
    CommitPtr base;
    CommitPtr commit;
  };
  struct Trouble {
    StoreError error{};
    bool passing = false;
    bool raced = false;  // another instance committed
  };
  [[nodiscard]] static Trouble raced();
  /// Firestore counts index entries as well, so only it knows what is too large. False: less would not help.
  [[nodiscard]] bool sweep_less(const fetched::Changes& changes);
  template <typename T>
  using Attempted = boost::asio::awaitable<std::expected<T, Trouble>>;

  /// Learns of others' commits where they are not heard of: who is behind loses every race.
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> get_up_to_date();
  [[nodiscard]] Attempted<Done> attempt(const fetched::Needs& expected, const Rules& rules);
  /// Whether an attempt that was not answered succeeded after all.
  [[nodiscard]] Attempted<std::optional<Done>> settle();
  /// Fetches the facts; the commit that they are true of, if no later one comes.
  [[nodiscard]] Attempted<CommitPtr> open(const fetched::Needs& expected, fetched::Facts& facts);
  [[nodiscard]] Attempted<Done> run(const Rules& rules, CommitPtr base, fetched::Facts& facts);
  [[nodiscard]] Attempted<Done> keep(BatchPtr batch, CommitPtr base);
  [[nodiscard]] Attempted<Done> write(BatchPtr batch, CommitPtr base,
                                      const fetched::Changes& changes);
  /// With what others committed before.
  [[nodiscard]] boost::asio::awaitable<std::expected<BatchPtr, StoreError>> announce(Done done);

  const Client& client_;
  const Names& names_;
  const Checks& checks_;
  const std::shared_ptr<Chain> chain_;
  const std::chrono::milliseconds timeout_;
  Follower follower_;
  Sha256 sha256_;
  nostr::MessageParser parser_;
  FactReader facts_;
  Pace& pace_;
  std::minstd_rand random_{std::random_device{}()};
  // Of the commit under way.
  Deadline deadline_{};
  std::size_t sweep_limit_ = 0;
  std::vector<Done> unanswered_;  // all for one slot
  std::uint64_t taken_ = 0;       // a slot in which somebody's commit stands, whose is not known
  bool behind_ = false;           // the chain was found to go on behind what was read
};

}  // namespace store::firestore
