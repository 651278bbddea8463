#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/firestore/documents.h"

namespace store::firestore {

using CommitPtr = std::shared_ptr<const Commit>;  // never null

/// Another token under the same slot is another commit: history was changed.
[[nodiscard]] inline bool is_same(const Commit& one, const Commit& other) {
  return one.slot == other.slot && one.token == other.token;
}

/// What this process knows of the chain of commits (docs/format/firestore.md): the newest one that it has heard of, and
/// those of late whole, so that they need not be read again. Thread-safe.
class Chain {
 public:
  /// How much is kept whole at most; the rest is read again.
  static constexpr std::size_t max_kept = 4096, max_kept_bytes = 32 << 20;

  /// In slot 0: nothing was ever committed.
  [[nodiscard]] CommitPtr newest() const;
  /// Takes a commit in that was read. True: it is news, later than the newest known one and not this process's own.
  bool learn(Commit commit);
  bool learn(CommitPtr commit);
  /// What this process is about to commit bears this token.
  void expect(std::string token);
  /// Begins there; what was known is forgotten.
  void restart(CommitPtr newest);

  /// A commit that is kept; null: it is not.
  [[nodiscard]] std::shared_ptr<const Commit> find(std::uint64_t slot) const;
  /// Up to that slot none is asked for any more.
  void forget_until(std::uint64_t slot);

 private:
  void keep(const CommitPtr& commit);

  mutable std::mutex mutex_;
  CommitPtr newest_ = std::make_shared<const Commit>();  // guarded by mutex_, as what follows
  std::string own_token_;
  std::map<std::uint64_t, CommitPtr> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace store::firestore
