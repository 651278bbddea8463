#include "store/commit.h"

#include <algorithm>
#include <utility>

#include "store/declared_rows.h"
#include "store/query_order.h"

namespace store {
namespace {

std::optional<base::UnixSeconds> earlier(std::optional<base::UnixSeconds> a,
                                         std::optional<base::UnixSeconds> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// How many erased events are held in memory at a time.
constexpr std::size_t sweep_slice = 64;

}  // namespace

WriteResult Commit::append(const Write& write) {
  const nostr::Event& event = *write.event;
  const auto address = nostr::address_of(event);
  drop_gone(event, address, write.received_at);
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
  insert(std::move(stored), address, write.vanishes);
  return {};
}

std::expected<Staged, Refusal> Commit::stage(const Write& write) {
  reads_.clear();
  stager_.reads(write, reads_);
  return stager_.stage(write, DeclaredRows(ledger_, reads_));
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
  const auto vanished = ledger_.vanished_until(event.pubkey);
  if (vanished && event.created_at <= *vanished) return true;
  if (!nostr::is_deletable(event.kind)) return false;
  for (const nostr::PublicKey& signer : nostr::possible_deleters(event)) {
    if (ledger_.is_buried(event.id, signer)) return true;
  }
  if (!address) return false;
  const auto until = ledger_.buried_until(*address);
  return until && event.created_at <= *until;
}

std::optional<Vanish> Commit::vanish_over(const StoredEvent& stored) {
  return store::vanish_over(stored, [this](const auto& key) { return ledger_.vanishing(key); });
}

void Commit::drop_gone(const nostr::Event& event, const std::optional<nostr::Address>& address,
                       base::UnixSeconds now) {
  if (ledger_.contains(event.id)) drop_gone(event.id, now);
  if (!address) return;
  if (const auto occupant = ledger_.occupant(*address)) drop_gone(occupant->id, now);
}

void Commit::drop_gone(const nostr::EventId& id, base::UnixSeconds now) {
  const auto found = ledger_.find(id);
  if (!found) return;
  if (const auto vanish = vanish_over(*found)) return erase(*found, *vanish);
  if (expired(found->expires_at, now)) erase(*found);
}

void Commit::insert(StoredEvent stored, const std::optional<nostr::Address>& address,
                    bool vanishes) {
  stored.seq = ++batch_->last;
  if (address) clear(*address);
  if (stored.event->kind == nostr::kind::deletion) carry_out(*stored.event);
  if (vanishes) vanish(stored);
  ledger_.insert(stored);
  batch_->events.push_back(std::move(stored));
}

void Commit::erase(const StoredEvent& stored) {
  reads_.clear();
  stager_.erase_reads(stored, reads_);
  auto changes = stager_.stage_erase(stored, DeclaredRows(ledger_, reads_));
  ledger_.erase(stored);
  changed_ = true;
  apply(std::move(changes));
}

void Commit::erase(const StoredEvent& stored, const Vanish& vanish) {
  erase(stored);
  // A wrap bears another's key, and its time says nothing: only its id can keep it away.
  if (covers_recipient(vanish, stored)) ledger_.bury(stored.event->id, vanish.author);
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

void Commit::vanish(const StoredEvent& request) {
  const nostr::PublicKey& author = request.event->pubkey;
  const base::UnixSeconds until = request.event->created_at;
  ledger_.vanish_until(author, until);
  const Vanish vanish{.author = author, .until = until, .seq = request.seq};
  ledger_.begin_vanishing(vanish);
  vanish_budget_ -= sweep(vanish, vanish_budget_);
}

/// Removes what `vanish` covers, at most `max`, and says how much that was.
std::size_t Commit::sweep(const Vanish& vanish, std::size_t max) {
  std::size_t removed = 0;
  for (;;) {
    const auto found =
        ledger_.left_of(vanish, std::clamp<std::size_t>(max - removed, 1, sweep_slice));
    if (found.empty()) break;
    if (removed == max) return removed;
    for (const StoredEvent& stored : found) erase(stored, vanish);
    removed += found.size();
  }
  ledger_.end_vanishing(vanish.author);
  changed_ = true;
  return removed;
}

std::expected<std::vector<StoredEvent>, Refusal> Commit::perform(const Operation& operation,
                                                                 base::UnixSeconds now) {
  reads_.clear();
  operation.reads(reads_);
  auto effects = operation.run(DeclaredRows(ledger_, reads_), now);
  if (!effects) return std::unexpected(std::move(effects.error()));
  apply(std::move(effects->changes));
  std::vector<StoredEvent> picked;
  for (const Operation::Pick& pick : effects->picks) {
    auto stored = ledger_.find(pick.id);
    if (!stored || expired(stored->expires_at, now) || vanish_over(*stored)) continue;
    if (pick.take) erase(*stored);
    picked.push_back(*std::move(stored));
  }
  return picked;
}

std::size_t Commit::purge_events(base::UnixSeconds now, std::size_t max) {
  const std::vector<StoredEvent> found = ledger_.expired_by(now, max);
  for (const StoredEvent& stored : found) erase(stored);
  return found.size();
}

std::size_t Commit::purge_rows(base::UnixSeconds now, std::size_t max) {
  std::vector<RowChange> changes;
  for (std::string& key : ledger_.rows_expired_by(now, max)) {
    changes.push_back({.key = std::move(key), .value = std::nullopt});
  }
  const std::size_t removed = changes.size();
  apply(std::move(changes));
  return removed;
}

std::size_t Commit::purge_vanishing(std::size_t max) {
  std::size_t removed = 0;
  while (removed < max) {
    const auto vanish = ledger_.next_vanishing();
    if (!vanish) break;
    removed += sweep(*vanish, max - removed);
  }
  return removed;
}

}  // namespace store
