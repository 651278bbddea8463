#pragma once
#include <memory>

#include "store/ledger.h"
#include "store/operation.h"

namespace store {

/// One commit in the making: the rules (rules.h) step by step. Used by one thread; outlived by the
/// ledger and the stager.
class Commit {
 public:
  Commit(Ledger& ledger, Seq last, const Stager& stager)
      : ledger_(ledger), before_(last), stager_(stager), vanish_budget_(ledger.sweep_limit()) {
    batch_->last = last;
  }

  WriteResult append(const Write& write);
  [[nodiscard]] std::expected<std::vector<StoredEvent>, Refusal> perform(const Operation& operation,
                                                                         base::UnixSeconds now);
  // Each removes at most `max` and says how many.
  std::size_t purge_events(base::UnixSeconds now, std::size_t max);
  std::size_t purge_rows(base::UnixSeconds now, std::size_t max);
  std::size_t purge_vanishing(std::size_t max);

  /// Numbers the commit. REQUIRES: the last call.
  std::shared_ptr<const CommitBatch> finish() {
    const bool changed = changed_ || !batch_->changes.empty();
    if (changed && batch_->last == before_) ++batch_->last;
    return batch_;
  }

 private:
  std::expected<Staged, Refusal> stage(const Write& write);
  void apply(std::vector<RowChange> changes);
  [[nodiscard]] std::optional<Outcome> unwanted(const nostr::Event& event,
                                                const std::optional<nostr::Address>& address);
  [[nodiscard]] bool is_deleted(const nostr::Event& event,
                                const std::optional<nostr::Address>& address);
  void insert(StoredEvent stored, const std::optional<nostr::Address>& address, bool vanishes);
  void erase(const StoredEvent& stored);
  void erase(const StoredEvent& stored, const Vanish& vanish);
  /// The unfinished request to vanish that covers `stored`.
  [[nodiscard]] std::optional<Vanish> vanish_over(const StoredEvent& stored);
  /// What expired or vanishes is not in the way of `event`, removed or not. Comes before stage(),
  /// which must see the rows as they are without it.
  void drop_gone(const nostr::Event& event, const std::optional<nostr::Address>& address,
                 base::UnixSeconds now);
  void drop_gone(const nostr::EventId& id, base::UnixSeconds now);
  void clear(const nostr::Address& address);
  void carry_out(const nostr::Event& deletion);
  void remove(const nostr::EventId& id, const nostr::PublicKey& signer);
  void remove(const nostr::Address& address, base::UnixSeconds until);
  void vanish(const StoredEvent& request);
  std::size_t sweep(const Vanish& vanish, std::size_t max);

  Ledger& ledger_;
  const Seq before_;
  const Stager& stager_;
  std::size_t vanish_budget_;
  Reads reads_;           // reused from write to write
  bool changed_ = false;  // other than by events and rows
  std::shared_ptr<CommitBatch> batch_ = std::make_shared<CommitBatch>();
};

}  // namespace store
