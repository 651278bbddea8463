#pragma once
#include "store/fetched/facts.h"
#include "store/ledger.h"
#include "store/operation.h"
#include "store/sha256.h"

namespace store::fetched {

/// A Ledger over facts that were fetched, for stores that are a network away. What it does not know it notes in needs()
/// and answers with "not there", so that one run of the rules finds as much as can be found; then the facts are fetched
/// and the rules run again, from the start, with a new ledger. A run counts only when needs() is empty.
///
/// Used by one thread; outlived by the facts.
class FetchedLedger final : public Ledger {
 public:
  FetchedLedger(const Facts& facts, Sha256& sha256,
                std::size_t sweep_limit = Store::max_vanish_per_commit)
      : facts_(facts), sha256_(sha256), sweep_limit_(sweep_limit) {}

  [[nodiscard]] const Needs& needs() const { return needs_; }
  [[nodiscard]] const Changes& changes() const { return changes_; }

  [[nodiscard]] std::size_t sweep_limit() const override { return sweep_limit_; }
  [[nodiscard]] std::optional<std::string_view> row(std::string_view key) override;
  [[nodiscard]] std::vector<Row> rows_below(std::string_view prefix) override;
  void change_row(const RowChange& change) override;
  [[nodiscard]] std::vector<std::string> rows_expired_by(base::UnixSeconds now,
                                                         std::size_t max) override;
  [[nodiscard]] bool contains(const nostr::EventId& id) override;
  [[nodiscard]] std::optional<StoredEvent> find(const nostr::EventId& id) override;
  [[nodiscard]] std::optional<Position> occupant(const nostr::Address& address) override;
  void insert(const StoredEvent& stored) override;
  void erase(const StoredEvent& stored) override;
  [[nodiscard]] std::vector<StoredEvent> expired_by(base::UnixSeconds now,
                                                    std::size_t max) override;
  [[nodiscard]] bool is_buried(const nostr::EventId& id, const nostr::PublicKey& signer) override;
  void bury(const nostr::EventId& id, const nostr::PublicKey& signer) override;
  [[nodiscard]] std::optional<base::UnixSeconds> buried_until(
      const nostr::Address& address) override;
  void bury_until(const nostr::Address& address, base::UnixSeconds until) override;
  [[nodiscard]] std::optional<base::UnixSeconds> vanished_until(
      const nostr::PublicKey& author) override;
  void vanish_until(const nostr::PublicKey& author, base::UnixSeconds until) override;
  [[nodiscard]] std::optional<Vanish> vanishing(const nostr::PublicKey& author) override;
  [[nodiscard]] std::optional<Vanish> next_vanishing() override;
  void begin_vanishing(const Vanish& vanish) override;
  void end_vanishing(const nostr::PublicKey& author) override;
  [[nodiscard]] std::vector<StoredEvent> left_of(const Vanish& vanish, std::size_t max) override;

 private:
  /// nullptr: not known, and noted.
  [[nodiscard]] const std::optional<StoredEvent>* look_up(const nostr::EventId& id);
  [[nodiscard]] std::optional<base::UnixSeconds> tombstone(const std::string& key);
  [[nodiscard]] std::vector<StoredEvent> left_of(const LeftKey& key, const Vanish& vanish,
                                                 std::size_t max);

  const Facts& facts_;
  Sha256& sha256_;
  const std::size_t sweep_limit_;
  Needs needs_;
  Changes changes_;
  std::set<nostr::EventId> inserted_;  // some may be gone again
  // How many from the front of facts_.left the rules have erased: they ask slice by slice.
  std::map<LeftKey, std::size_t> gone_of_left_;
};

/// What the rules will ask for in any case, to fetch it before they run.
[[nodiscard]] Needs expected_needs(std::span<const Write> writes, const Stager& stager,
                                   Sha256& sha256);
[[nodiscard]] Needs expected_needs(std::span<const Operation* const> operations);

}  // namespace store::fetched
