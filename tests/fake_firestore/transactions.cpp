#include "fake_firestore/transactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fake_firestore {

namespace {

constexpr std::size_t max_open = 10'000;

bool unchanged(const Transaction& transaction, const Documents& documents) {
  const Micros now = documents.newest();
  const Micros then = transaction.at;
  if (now <= then) return true;
  // Versions are shared: the same pointer is the same version.
  return then >= documents.oldest() &&
         std::ranges::all_of(transaction.documents,
                             [&](const auto& name) {
                               return documents.find(name, then) == documents.find(name, now);
                             }) &&
         std::ranges::all_of(transaction.queries, [&](const Query& query) {
           return query.run(documents, then) == query.run(documents, now);
         });
}

}  // namespace

std::string Transactions::begin(const v1::TransactionOptions& options, Micros now) {
  while (open_.size() >= max_open) open_.erase(open_.begin());
  const auto& read_only = options.read_only();
  std::string id = fmt::format("transaction-{:020}", ++number_);
  open_[id] = {.read_only = options.has_read_only(),
               .at = read_only.has_read_time() ? micros_of(read_only.read_time()) : now};
  return id;
}

Result<Transaction*> Transactions::find(const std::string& id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return invalid("the transaction has expired or is no longer valid");
  return &found->second;
}

Result<Transaction> Transactions::take(const std::string& id) {
  if (auto found = find(id); !found) return std::unexpected(found.error());
  return std::move(open_.extract(id).mapped());
}

Result<void> Transactions::commit(const std::string& id, const Documents& documents, bool writes) {
  const auto transaction = take(id);
  if (!transaction) return std::unexpected(transaction.error());
  if (transaction->read_only)
    return writes ? invalid("a read-only transaction cannot write") : Result<void>();
  if (!unchanged(*transaction, documents))
    return std::unexpected(Failure{Code::aborted, "too much contention on these documents"});
  return {};
}

Result<void> Transactions::rollback(const std::string& id) {
  if (auto taken = take(id); !taken) return std::unexpected(taken.error());
  return {};
}

}  // namespace fake_firestore
