#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "fake_firestore/query.h"
#include "google/firestore/v1/common.pb.h"

namespace fake_firestore {

/// What a transaction has read, all of it as of one time.
struct Transaction {
  bool read_only = false;
  Micros at = 0;
  std::set<std::string> documents{};
  std::vector<Query> queries{};
};

/// Optimistic concurrency: nobody waits; a commit fails with ABORTED if what its transaction read
/// has changed since. Not thread-safe.
class Transactions {
 public:
  /// `now`: what a transaction reads as of, unless it is read-only and asks for another time.
  /// Returns its id.
  [[nodiscard]] std::string begin(const v1::TransactionOptions& options, Micros now);

  [[nodiscard]] Result<Transaction*> find(const std::string& id);

  /// Ends it. INVALID_ARGUMENT: there is none of that id. ABORTED: another commit came between.
  [[nodiscard]] Result<void> commit(const std::string& id, const Documents& documents, bool writes);
  [[nodiscard]] Result<void> rollback(const std::string& id);

 private:
  [[nodiscard]] Result<Transaction> take(const std::string& id);

  std::map<std::string, Transaction> open_;
  std::uint64_t number_ = 0;
};

}  // namespace fake_firestore
