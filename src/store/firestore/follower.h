#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <expected>
#include <memory>

#include "nostr/client_message.h"
#include "store/fetched/batches.h"
#include "store/firestore/chain.h"
#include "store/firestore/client.h"
#include "store/store_error.h"

namespace store::firestore {

using fetched::BatchPtr;
using fetched::News;

/// Reads the commits behind a mark, the last one that was handed out. The chain has no gaps, so whoever has read up to a
/// commit misses nothing before it.
///
/// Of one thread at a time; outlived by the client.
class Follower {
 public:
  Follower(const Client& client, std::shared_ptr<Chain> chain);

  [[nodiscard]] const CommitPtr& mark() const { return mark_; }
  /// What lies before is known, or of no interest.
  void set_mark(CommitPtr mark);

  enum class Reach : std::uint8_t { all, some };
  /// Moves the mark on to `up_to`, a commit that is known to exist; `some`: or a good deal towards it (News::more). After an
  /// error the mark is where it was.
  [[nodiscard]] boost::asio::awaitable<std::expected<News, StoreError>> follow(CommitPtr up_to,
                                                                               Reach reach,
                                                                               Deadline deadline);

 private:
  using Commits = std::vector<CommitPtr>;

  [[nodiscard]] News skip(CommitPtr up_to);
  /// Those from `from` to `to`; shorter where one is missing.
  [[nodiscard]] boost::asio::awaitable<std::expected<Commits, StoreError>> read(std::uint64_t from,
                                                                                std::uint64_t to,
                                                                                Deadline deadline);
  /// Null: the commit does not say what it did.
  [[nodiscard]] boost::asio::awaitable<std::expected<std::shared_ptr<CommitBatch>, StoreError>>
  batch_of(const Commit& before, const Commit& commit, Deadline deadline);
  [[nodiscard]] boost::asio::awaitable<std::expected<void, StoreError>> add_events(
      Seq after, CommitBatch& batch, Deadline deadline);

  const Client& client_;
  const std::shared_ptr<Chain> chain_;
  nostr::MessageParser parser_;
  CommitPtr mark_ = std::make_shared<const Commit>();
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace store::firestore
