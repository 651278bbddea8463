#include "store/rules.h"

#include <algorithm>
#include <utility>

#include "nostr/deletion.h"
#include "store/query_order.h"

namespace store {
namespace {

/// Shows the declared rows only: a stager that reads more would work here and break on a store that
/// fetches ahead.
class DeclaredRows final : public RowView {
 public:
  DeclaredRows(Ledger& ledger, std::vector<std::string>& keys) : ledger_(ledger), keys_(keys) {
    std::ranges::sort(keys);
  }
  [[nodiscard]] std::optional<std::string_view> get(std::string_view key) const override {
    if (!std::ranges::binary_search(keys_, key)) return std::nullopt;
    return ledger_.row(key);
  }

 private:
  Ledger& ledger_;
  const std::vector<std::string>& keys_;
};

/// One commit in the making.
class Commit {
 public:
  Commit(Ledger& ledger, Seq last, const Stager& stager)
      : ledger_(ledger), before_(last), stager_(stager) {
    batch_->last = last;
  }

  WriteResult append(const Write& write);
  void erase(const StoredEvent& stored);
  std::shared_ptr<const CommitBatch> finish() {
    const bool changed = erased_ || !batch_->changes.empty();
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
  void insert(StoredEvent stored, const std::optional<nostr::Address>& address);
  /// What expired is not in the way of `event`, purged or not. Comes before stage(), which must see
  /// the rows as they are without it.
  void drop_expired(const nostr::Event& event, const std::optional<nostr::Address>& address,
                    base::UnixSeconds now);
  void drop_expired(const nostr::EventId& id, base::UnixSeconds now);
  void clear(const nostr::Address& address);
  void carry_out(const nostr::Event& deletion);
  void remove(const nostr::EventId& id, const nostr::PublicKey& signer);
  void remove(const nostr::Address& address, base::UnixSeconds until);

  Ledger& ledger_;
  const Seq before_;
  const Stager& stager_;
  std::vector<std::string> keys_;  // reused from write to write
  bool erased_ = false;
  std::shared_ptr<CommitBatch> batch_ = std::make_shared<CommitBatch>();
};

std::optional<base::UnixSeconds> earlier(std::optional<base::UnixSeconds> a,
                                         std::optional<base::UnixSeconds> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

WriteResult Commit::append(const Write& write) {
  const nostr::Event& event = *write.event;
  const auto address = nostr::address_of(event);
  drop_expired(event, address, write.received_at);
  auto staged = stage(write);
  if (!staged) return {Outcome::refused, std::move(staged.error().reason)};
  StoredEvent stored{.event = write.event,
                     .mark = staged->mark,
                     .expires_at = earlier(write.expires_at, staged->expires_at)};

  if (nostr::is_ephemeral(event.kind)) {
    apply(std::move(staged->changes));
    batch_->events.push_back(std::move(stored));
    return {};
  }
  if (const auto outcome = unwanted(event, address)) return {*outcome, {}};
  apply(std::move(staged->changes));
  insert(std::move(stored), address);
  return {};
}

std::expected<Staged, Refusal> Commit::stage(const Write& write) {
  keys_.clear();
  stager_.reads(write, keys_);
  return stager_.stage(write, DeclaredRows(ledger_, keys_));
}

void Commit::apply(std::vector<RowChange> changes) {
  for (RowChange& change : changes) {
    ledger_.change_row(change);
    batch_->changes.push_back(std::move(change));
  }
}

std::optional<Outcome> Commit::unwanted(const nostr::Event& event,
                                        const std::optional<nostr::Address>& address) {
  if (ledger_.contains(event.id)) return Outcome::duplicate;
  if (is_deleted(event, address)) return Outcome::deleted;
  if (!address) return std::nullopt;
  const auto occupant = ledger_.occupant(*address);
  if (occupant && QueryOrder{}(*occupant, position_of(event))) return Outcome::stale;
  return std::nullopt;
}

bool Commit::is_deleted(const nostr::Event& event, const std::optional<nostr::Address>& address) {
  if (event.kind == nostr::kind::deletion)
    return false;  // nobody deletes a deletion, early or late
  for (const nostr::PublicKey& signer : nostr::possible_deleters(event)) {
    if (ledger_.is_buried(event.id, signer)) return true;
  }
  if (!address) return false;
  const auto until = ledger_.buried_until(*address);
  return until && event.created_at <= *until;
}

void Commit::drop_expired(const nostr::Event& event, const std::optional<nostr::Address>& address,
                          base::UnixSeconds now) {
  if (ledger_.contains(event.id)) drop_expired(event.id, now);
  if (!address) return;
  if (const auto occupant = ledger_.occupant(*address)) drop_expired(occupant->id, now);
}

void Commit::drop_expired(const nostr::EventId& id, base::UnixSeconds now) {
  const auto found = ledger_.find(id);
  if (found && expired(found->expires_at, now)) erase(*found);
}

void Commit::insert(StoredEvent stored, const std::optional<nostr::Address>& address) {
  if (address) clear(*address);
  if (stored.event->kind == nostr::kind::deletion) carry_out(*stored.event);
  stored.seq = ++batch_->last;
  ledger_.insert(stored);
  batch_->events.push_back(std::move(stored));
}

void Commit::erase(const StoredEvent& stored) {
  keys_.clear();
  stager_.erase_reads(stored, keys_);
  auto changes = stager_.stage_erase(stored, DeclaredRows(ledger_, keys_));
  ledger_.erase(stored);
  erased_ = true;
  apply(std::move(changes));
}

void Commit::clear(const nostr::Address& address) {
  const auto occupant = ledger_.occupant(address);
  if (!occupant) return;
  if (const auto stored = ledger_.find(occupant->id)) erase(*stored);
}

void Commit::carry_out(const nostr::Event& deletion) {
  const nostr::DeletionRequest request = nostr::deletion_request(deletion);
  for (const nostr::EventId& id : request.ids) remove(id, deletion.pubkey);
  for (const nostr::Address& address : request.addresses) remove(address, deletion.created_at);
}

void Commit::remove(const nostr::EventId& id, const nostr::PublicKey& signer) {
  if (const auto target = ledger_.find(id)) {
    if (!nostr::may_delete(signer, *target->event)) return;
    erase(*target);
  }
  ledger_.bury(id, signer);
}

void Commit::remove(const nostr::Address& address, base::UnixSeconds until) {
  const auto occupant = ledger_.occupant(address);
  if (occupant && occupant->created_at <= until) clear(address);
  const auto buried = ledger_.buried_until(address);
  if (!buried || *buried < until) ledger_.bury_until(address, until);
}

}  // namespace

AppendResult append_writes(Ledger& ledger, Seq last, std::span<const Write> writes,
                           const Stager& stager) {
  Commit commit(ledger, last, stager);
  AppendResult result;
  result.results.reserve(writes.size());
  for (const Write& write : writes) result.results.push_back(commit.append(write));
  result.batch = commit.finish();
  return result;
}

Store::Purged purge(Ledger& ledger, Seq last, base::UnixSeconds now, std::size_t max,
                    const Stager& stager) {
  Commit commit(ledger, last, stager);
  const std::vector<StoredEvent> found = ledger.expired_by(now, max);
  for (const StoredEvent& stored : found) commit.erase(stored);
  return {.removed = found.size(), .batch = commit.finish()};
}

}  // namespace store
