#pragma once
// The store contract. One suite (tests/contract) runs against every implementation; `memory` is the oracle.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "nostr/filter.h"
#include "store/operation.h"
#include "store/parcel.h"
#include "store/rows.h"
#include "store/stager.h"
#include "store/store_error.h"

namespace store {

enum class Outcome {
  accepted,   ///< durable (or ephemeral: passed on, never stored)
  duplicate,  ///< this id is already here
  stale,      ///< a newer version of this replaceable or addressable event is here
  deleted,    ///< its author (or a gift wrap's recipient) deleted it, by id or address, or vanished
  refused,    ///< the stager said no; see reason
};

struct WriteResult {
  Outcome outcome = Outcome::accepted;
  std::string reason;  ///< of a refusal, with its prefix
};

/// What one commit changed, in order; handed to every worker. Never changed after it is made.
struct CommitBatch {
  std::vector<StoredEvent> events;  ///< accepted ones
  std::vector<RowChange> changes;
  Seq last = 0;  ///< the position of this commit
  /// Commits of other instances on the same store, in order: all between the batch handed out before this one and this
  /// one. They come first. Have no `before` of their own.
  std::vector<std::shared_ptr<const CommitBatch>> before{};
  /// What lies between the batch handed out before and `before` is not known: history was too far ahead, or became
  /// another one (a fail-over that lost commits). Whatever was learnt from batches is to be read anew.
  bool lost_track = false;
};

struct AppendResult {
  std::vector<WriteResult> results;          ///< one per write, in order
  std::shared_ptr<const CommitBatch> batch;  ///< never null
};

/// A place in the order of every query: newest created_at first, lowest id first among equals.
struct Position {
  base::UnixSeconds created_at = 0;
  nostr::EventId id;
};

struct PageRequest {
  const nostr::Filter& filter;    ///< its `limit` is ignored; the caller outlives the call
  std::optional<Position> after;  ///< resume strictly behind this place
  std::optional<Seq> up_to;       ///< leave out what was committed later
  std::size_t max_events = 256;
  std::size_t max_scanned = 4096;  ///< stop early after looking at about this many entries
  base::UnixSeconds now = 0;       ///< what expired by then is not there
  bool oldest_first = false;       ///< the same order backwards; `after` resumes towards newer ones
};

struct Page {
  std::vector<StoredEvent> events;  ///< in query order; every one matches the filter
  std::optional<Position>
      next;  ///< resume here; nullopt: nothing more. A page may be empty and still have a next
  Seq snapshot = 0;  ///< everything committed up to here was looked at
  Seq seen = 0;      ///< and nothing that was committed later than here, where that is not the same

  /// Whoever judges the events has to know of everything up to here.
  [[nodiscard]] Seq newest() const { return std::max(snapshot, seen); }
};

/// What an operator wants to know of a store.
struct StoreInfo {
  std::uint64_t events = 0;  ///< expired ones that were not purged yet included
  std::uint64_t rows = 0;
  Seq last = 0;  ///< the newest commit
  /// What only this kind of store has, in its words ("free_bytes"), in the order to show it.
  std::vector<std::pair<std::string, std::uint64_t>> details{};
};

/// Keeps events and the rows of extensions.
///
/// Thread-safety: query(), info() and the row functions from any thread; append(), perform() and purge_expired() from one at
/// a time.
/// Coroutines run on the caller's executor; an embedded store finishes without suspending. No transaction, cursor or
/// lock is ever held across a suspension: pages resume by key.
/// Errors: values; a failed call has written nothing unless it says unknown_outcome.
class Store : public RowReader {
 public:
  static constexpr std::size_t max_vanish_per_commit = 5000;

  /// Writes events in order, atomically: after success all outcomes are durable, after an error none is.
  /// For each: stage, then duplicate, deletion and replacement checks (NIP-01, NIP-09), then its effects, all seeing
  /// the writes before it. Ephemeral kinds are staged and passed on, not stored.
  /// A Write that vanishes (NIP-62) erases what its author wrote up to its created_at, deletions included, and every
  /// gift wrap for that author: in the same commit, as far as max_vanish_per_commit reaches, or less far; what is left is
  /// invisible to queries at once and goes with purge_expired(). Older events of that author stay barred for good, and
  /// no deletion undoes that; nor do the erased gift wraps come back.
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<AppendResult, StoreError>> append(
      std::span<const Write> writes, const Stager& stager) = 0;

  [[nodiscard]] virtual boost::asio::awaitable<std::expected<Page, StoreError>> query(
      PageRequest request) = 0;

  [[nodiscard]] virtual boost::asio::awaitable<std::expected<StoreInfo, StoreError>> info() = 0;

  /// Runs the operations in order and commits what they want, all at once. Of each its changes come first, then for each
  /// pick, in order, the event is read and, if it is to be taken, erased. Picks that are not here are left out. A refused
  /// operation changes nothing; each sees what those before it did.
  using Picked = std::expected<std::vector<StoredEvent>, Refusal>;
  struct PerformedAll {
    std::vector<Picked> outcomes;              ///< one per operation, in order
    std::shared_ptr<const CommitBatch> batch;  ///< never null; holds no events
  };
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<PerformedAll, StoreError>> perform_all(
      std::span<const Operation* const> operations, base::UnixSeconds now,
      const Stager& stager) = 0;
  /// One of them.
  struct Performed {
    Picked outcome;
    std::shared_ptr<const CommitBatch> batch;
  };
  [[nodiscard]] boost::asio::awaitable<std::expected<Performed, StoreError>> perform(
      const Operation& operation, base::UnixSeconds now, const Stager& stager) {
    const Operation* const only = &operation;
    auto performed = co_await perform_all({&only, 1}, now, stager);
    if (!performed) co_return std::unexpected(std::move(performed.error()));
    co_return Performed{std::move(performed->outcomes.front()), std::move(performed->batch)};
  }

  /// Removes at most `max` things that are due by `now`, with their rows (stage_erase): events that expired, rows that
  /// expired, events of authors who vanished (NIP-62) that their request's own commit left. The batch holds no events;
  /// `removed` counts, so fewer than `max` means that none is left.
  struct Purged {
    std::size_t removed = 0;
    std::shared_ptr<const CommitBatch> batch;
  };
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<Purged, StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const Stager& stager) = 0;

  /// Do other instances commit to this store as well? Then every batch says what they did
  /// (`before`).
  [[nodiscard]] virtual bool shared() const { return false; }
  /// What other instances committed (`before`), in a batch without changes of its own, whose `last`
  /// is that of the newest commit; one at a time with append(). An embedded store has no others.
  [[nodiscard]] virtual boost::asio::awaitable<
      std::expected<std::shared_ptr<const CommitBatch>, StoreError>>
  catch_up() {
    co_return std::make_shared<const CommitBatch>();
  }
  /// `wake` is called, from any thread, when there may be something to catch up with, and now and then. Once, before
  /// the first commit; nullptr, when it returns no call is under way or will come.
  virtual void on_news(std::function<void()> wake) { (void)wake; }

  /// Everything that is kept, for another store, expired and vanishing things included: the first parcel, or the one
  /// behind `after` (Parcel::next). Each holds about `max_bytes` at most, and one thing at least. A commit between two
  /// of them (Parcel::last differs) makes them useless.
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<Parcel, StoreError>> dump(
      std::optional<std::string> after, std::size_t max_bytes) {
    (void)after, (void)max_bytes;
    co_return std::unexpected(
        StoreError{StoreError::Code::unavailable, "this kind of store cannot be copied"});
  }
  /// Takes all parcels of a dump in their order, each in a commit, into a store that never had one; else refuses,
  /// `unavailable`. A durable store with some but not all of them does not open any more: it is to be emptied. Nobody is
  /// told of these commits: nobody else has the store open meanwhile.
  [[nodiscard]] virtual boost::asio::awaitable<std::expected<void, StoreError>> load(
      const Parcel& parcel) {
    (void)parcel;
    co_return std::unexpected(
        StoreError{StoreError::Code::unavailable, "this kind of store cannot be copied into"});
  }
};

}  // namespace store
