#pragma once
// The decisions of a store over a network: the rules (store/rules.h), run by its committer.
//
// `Committer` has commit(expected, rules) -> awaitable<expected<BatchPtr, StoreError>>, and sha256(). What is passed
// outlives the call.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "store/fetched/batches.h"
#include "store/fetched/ledger.h"
#include "store/rules.h"

namespace store::fetched {

/// A result that has a batch, by rules that may be run several times: the last run counts.
template <typename Result, typename Committer>
boost::asio::awaitable<std::expected<Result, StoreError>> decide(
    Committer& committer, Needs expected, std::function<Result(Ledger&, Seq)> rules) {
  std::optional<Result> result;
  const std::function<BatchPtr(Ledger&, Seq)> run = [&](Ledger& ledger, Seq last) {
    result = rules(ledger, last);
    return result->batch;
  };
  auto batch = co_await committer.commit(expected, run);
  if (!batch) co_return std::unexpected(std::move(batch.error()));
  result->batch = *std::move(batch);
  co_return *std::move(result);
}

template <typename Committer>
boost::asio::awaitable<std::expected<AppendResult, StoreError>> append(
    Committer& committer, std::span<const Write> writes, const Stager& stager) {
  return decide<AppendResult>(committer, expected_needs(writes, stager, committer.sha256()),
                              [writes, &stager](Ledger& ledger, Seq last) {
                                return append_writes(ledger, last, writes, stager);
                              });
}

template <typename Committer>
boost::asio::awaitable<std::expected<Store::PerformedAll, StoreError>> perform_all(
    Committer& committer, std::span<const Operation* const> operations, base::UnixSeconds now,
    const Stager& stager) {
  return decide<Store::PerformedAll>(committer, expected_needs(operations),
                                     [operations, now, &stager](Ledger& ledger, Seq last) {
                                       return run_operations(ledger, last, operations, now, stager);
                                     });
}

/// Of what is due, no more than one commit may sweep away (Ledger::sweep_limit); the rest goes the next time.
template <typename Committer>
boost::asio::awaitable<std::expected<Store::Purged, StoreError>> purge_expired(
    Committer& committer, base::UnixSeconds now, std::size_t max, const Stager& stager) {
  Needs expected{
      .expired_events = DueNeed{now, max}, .expired_rows = DueNeed{now, max}, .vanishings = 8};
  return decide<Store::Purged>(
      committer, std::move(expected), [now, max, &stager](Ledger& ledger, Seq last) {
        return purge(ledger, last, now, std::min(max, ledger.sweep_limit()), stager);
      });
}

}  // namespace store::fetched
