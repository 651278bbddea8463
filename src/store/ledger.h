#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "nostr/address.h"
#include "store/stager.h"
#include "store/store.h"
#include "store/vanish.h"

namespace store {

/// One open transaction of a store, in the words of the rules (rules.h): they decide, a ledger
/// keeps.
///
/// Every call sees the effects of the calls before it. Used by one thread. A ledger that meets an
/// error remembers it and answers "not there" from then on; whoever opened the transaction asks for
/// the error before committing.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Valid until the next call that changes something.
  [[nodiscard]] virtual std::optional<std::string_view> row(std::string_view key) = 0;
  /// All rows whose key begins with `prefix`, in key order.
  [[nodiscard]] virtual std::vector<Row> rows_below(std::string_view prefix) = 0;
  /// The row's former expiry goes in any case.
  virtual void change_row(const RowChange& change) = 0;
  /// Keys of rows expired by `now`, the longest expired first, then in key order; at most `max`.
  [[nodiscard]] virtual std::vector<std::string> rows_expired_by(base::UnixSeconds now,
                                                                 std::size_t max) = 0;

  [[nodiscard]] virtual bool contains(const nostr::EventId& id) = 0;
  [[nodiscard]] virtual std::optional<StoredEvent> find(const nostr::EventId& id) = 0;
  /// Where the event that stands at this address has its place.
  [[nodiscard]] virtual std::optional<Position> occupant(const nostr::Address& address) = 0;
  /// REQUIRES: its id is not here and its address is free.
  virtual void insert(const StoredEvent& stored) = 0;
  /// REQUIRES: `stored` is here.
  virtual void erase(const StoredEvent& stored) = 0;
  /// Events expired by `now`, the longest expired first, at most `max`.
  [[nodiscard]] virtual std::vector<StoredEvent> expired_by(base::UnixSeconds now,
                                                            std::size_t max) = 0;

  // Tombstones: what a deletion leaves, so that its targets stay away (NIP-09). They carry the
  // signer, else anyone could bar an id before it arrives.
  [[nodiscard]] virtual bool is_buried(const nostr::EventId& id,
                                       const nostr::PublicKey& signer) = 0;
  virtual void bury(const nostr::EventId& id, const nostr::PublicKey& signer) = 0;
  /// The time up to which versions at this address are deleted, that second included.
  [[nodiscard]] virtual std::optional<base::UnixSeconds> buried_until(
      const nostr::Address& address) = 0;
  /// REQUIRES: later than buried_until(address).
  virtual void bury_until(const nostr::Address& address, base::UnixSeconds until) = 0;

  /// How much one commit may erase of what nobody named: what vanishes, what expired.
  [[nodiscard]] virtual std::size_t sweep_limit() const { return Store::max_vanish_per_commit; }

  // Requests to vanish (NIP-62): a tombstone for good, and the request for as long as anything that
  // it covers may be left.
  /// The time up to which this author's events are barred, that second included.
  [[nodiscard]] virtual std::optional<base::UnixSeconds> vanished_until(
      const nostr::PublicKey& author) = 0;
  /// REQUIRES: later than vanished_until(author).
  virtual void vanish_until(const nostr::PublicKey& author, base::UnixSeconds until) = 0;
  /// The request of `author` that is being carried out.
  [[nodiscard]] virtual std::optional<Vanish> vanishing(const nostr::PublicKey& author) = 0;
  /// Any request that is being carried out.
  [[nodiscard]] virtual std::optional<Vanish> next_vanishing() = 0;
  /// Takes the place of an earlier request of its author.
  virtual void begin_vanishing(const Vanish& vanish) = 0;
  virtual void end_vanishing(const nostr::PublicKey& author) = 0;
  /// Events that `vanish` covers, at most `max`: those of the author while there are any, then gift
  /// wraps, each in query order. None only when none is left.
  [[nodiscard]] virtual std::vector<StoredEvent> left_of(const Vanish& vanish, std::size_t max) = 0;
};

}  // namespace store
