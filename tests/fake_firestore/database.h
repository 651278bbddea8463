#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fake_firestore/counts.h"
#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "fake_firestore/query.h"
#include "fake_firestore/targets.h"
#include "fake_firestore/tokens.h"
#include "fake_firestore/transactions.h"
#include "google/firestore/v1/firestore.pb.h"

namespace fake_firestore {

/// What the methods of the protocol do, each in one step; a BatchWrite in one for each write. Knows
/// nothing of gRPC. Thread-safe.
/// https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1
class Database {
 public:
  /// What happens to one write of a BatchWrite instead of its own outcome, before it and after it.
  using WriteFault = std::function<std::optional<Failure>(bool after)>;

  [[nodiscard]] Result<v1::CommitResponse> commit(const v1::CommitRequest& request);
  [[nodiscard]] Result<v1::BatchWriteResponse> batch_write(const v1::BatchWriteRequest& request,
                                                           const WriteFault& fault);
  /// A write of its own; returns the document, empty after a deletion.
  [[nodiscard]] Result<v1::Document> write(const v1::Write& write);

  [[nodiscard]] Result<v1::Document> get(const v1::GetDocumentRequest& request);
  /// Each document once, in no order that was promised.
  [[nodiscard]] Result<std::vector<v1::BatchGetDocumentsResponse>> batch_get(
      const v1::BatchGetDocumentsRequest& request);
  [[nodiscard]] Result<std::vector<v1::RunQueryResponse>> query(const v1::RunQueryRequest& request);
  [[nodiscard]] Result<v1::RunAggregationQueryResponse> aggregate(
      const v1::RunAggregationQueryRequest& request);
  [[nodiscard]] Result<v1::ListDocumentsResponse> list(const v1::ListDocumentsRequest& request);
  [[nodiscard]] Result<v1::ListCollectionIdsResponse> collections(
      const v1::ListCollectionIdsRequest& request);

  [[nodiscard]] Result<v1::BeginTransactionResponse> begin(
      const v1::BeginTransactionRequest& request);
  [[nodiscard]] Result<google::protobuf::Empty> rollback(const v1::RollbackRequest& request);

  /// For Listen: `use(targets)` while nothing else changes. `targets`: of new_targets().
  template <class Use>
  auto with(Targets& targets, Use use) {
    const std::lock_guard lock(mutex_);
    return use(targets);
  }
  [[nodiscard]] Targets new_targets() { return {documents_, tokens_, counts_}; }

  void forget_tokens();
  [[nodiscard]] Counts counts() const;
  void clear_counts();

 private:
  /// What a request reads as of, and in which transaction.
  struct Reading {
    Micros at = 0;
    Transaction* transaction = nullptr;
    std::string started{};  // the id of a transaction that this request began
  };

  template <class Request>
  [[nodiscard]] Result<Reading> reading(const Request& request);
  [[nodiscard]] Result<Reading> reading_in(const std::string& transaction);
  [[nodiscard]] Result<Reading> reading_at(Micros time);
  [[nodiscard]] std::vector<Document> run(const Reading& reading, const Query& query) const;
  void count_query(std::size_t results, int skipped);

  [[nodiscard]] Result<v1::CommitResponse> apply_all(const v1::CommitRequest& request);
  [[nodiscard]] Result<v1::WriteResult> apply_alone(const v1::Write& write);
  void count_write(const v1::Write& write);

  mutable std::mutex mutex_;
  Documents documents_;
  Transactions transactions_;
  Tokens tokens_;
  Counts counts_;
};

}  // namespace fake_firestore
