#include <fmt/format.h>

#include <set>
#include <utility>

#include "fake_firestore/database.h"
#include "fake_firestore/names.h"
#include "fake_firestore/writes.h"

namespace fake_firestore {

namespace {

constexpr int max_batch_writes = 500;

template <class Request>
Result<void> check_database(const Request& request) {
  const std::string root = fmt::format("{}/documents", request.database());
  for (const v1::Write& write : request.writes())
    if (below(root, target_of(write)).empty())
      return invalid("a write is about a document of another database");
  return {};
}

Result<void> check_batch(const v1::BatchWriteRequest& request) {
  if (request.writes_size() > max_batch_writes)
    return invalid("cannot write more than 500 documents in a single call");
  std::set<std::string> names;
  for (const v1::Write& write : request.writes())
    if (!names.insert(target_of(write)).second)
      return invalid("cannot write to the same document more than once in a single call");
  return check_database(request);
}

}  // namespace

void Database::count_write(const v1::Write& write) {
  ++(write.has_delete_() ? counts_.deletes : counts_.writes);
}

Result<v1::CommitResponse> Database::apply_all(const v1::CommitRequest& request) {
  v1::CommitResponse response;
  Pending pending(documents_, documents_.tick());
  for (const v1::Write& write : request.writes()) {
    auto result = pending.apply(write);
    if (!result) return std::unexpected(result.error());
    *response.add_write_results() = *std::move(result);
  }
  *response.mutable_commit_time() = timestamp_of(pending.now());
  for (const v1::Write& write : request.writes()) count_write(write);
  documents_.commit(std::move(pending).take(), micros_of(response.commit_time()));
  return response;
}

Result<v1::CommitResponse> Database::commit(const v1::CommitRequest& request) {
  if (auto valid = check_database(request); !valid) return std::unexpected(valid.error());
  const std::lock_guard lock(mutex_);
  if (!request.transaction().empty())
    if (auto ended =
            transactions_.commit(request.transaction(), documents_, !request.writes().empty());
        !ended)
      return std::unexpected(ended.error());
  return apply_all(request);
}

Result<v1::WriteResult> Database::apply_alone(const v1::Write& write) {
  const std::lock_guard lock(mutex_);
  Pending pending(documents_, documents_.tick());
  auto result = pending.apply(write);
  if (!result) return result;
  const Micros now = pending.now();
  count_write(write);
  documents_.commit(std::move(pending).take(), now);
  return result;
}

Result<v1::BatchWriteResponse> Database::batch_write(const v1::BatchWriteRequest& request,
                                                     const WriteFault& fault) {
  if (auto valid = check_batch(request); !valid) return std::unexpected(valid.error());
  v1::BatchWriteResponse response;
  for (const v1::Write& write : request.writes()) {
    std::optional<Failure> failure = fault(false);
    auto result = failure ? std::unexpected(*failure) : apply_alone(write);
    if (!failure && (failure = fault(true))) result = std::unexpected(*failure);
    auto& status = *response.add_status();
    auto& written = *response.add_write_results();
    if (result) {
      written = *std::move(result);
    } else {
      status.set_code(static_cast<int>(result.error().code));
      status.set_message(result.error().message);
    }
  }
  return response;
}

Result<v1::Document> Database::write(const v1::Write& write) {
  if (auto result = apply_alone(write); !result) return std::unexpected(result.error());
  const std::lock_guard lock(mutex_);
  const Document written = documents_.find(target_of(write), documents_.newest());
  return written ? *written : v1::Document();
}

Result<v1::BeginTransactionResponse> Database::begin(const v1::BeginTransactionRequest& request) {
  const std::lock_guard lock(mutex_);
  v1::BeginTransactionResponse response;
  response.set_transaction(transactions_.begin(request.options(), documents_.tick()));
  return response;
}

Result<google::protobuf::Empty> Database::rollback(const v1::RollbackRequest& request) {
  const std::lock_guard lock(mutex_);
  if (auto ended = transactions_.rollback(request.transaction()); !ended)
    return std::unexpected(ended.error());
  return google::protobuf::Empty();
}

void Database::forget_tokens() {
  const std::lock_guard lock(mutex_);
  tokens_.forget();
}

Counts Database::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void Database::clear_counts() {
  const std::lock_guard lock(mutex_);
  counts_ = {};
}

}  // namespace fake_firestore
