#include "extensions/metrics/registry.h"

#include <algorithm>

namespace extensions::metrics {
namespace {

using relay::ClientVerb;

std::uint64_t nanoseconds(std::chrono::nanoseconds took) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
}

template <typename Instruments>
std::vector<const Instruments*> all_of(const std::list<Instruments>& list) {
  std::vector<const Instruments*> all;
  for (const Instruments& each : list) all.push_back(&each);
  return all;
}

}  // namespace

std::size_t prefix_of(std::string_view reason) {
  const auto prefix = reason.substr(0, reason.find(':'));
  const auto found = std::ranges::find(prefixes, prefix);
  return static_cast<std::size_t>(std::min(found, std::prev(prefixes.end())) - prefixes.begin());
}

void WorkerInstruments::reject(ClientVerb verb, std::string_view reason) {
  const auto found = std::ranges::find(refused_verbs, verb);
  if (found == refused_verbs.end()) return;
  rejects[static_cast<std::size_t>(found - refused_verbs.begin())][prefix_of(reason)].add();
}

void WorkerInstruments::on(const relay::Received& message) {
  received[static_cast<std::size_t>(message.verb)].add();
}

void WorkerInstruments::on(const relay::Sent& message) {
  sent[static_cast<std::size_t>(message.verb)].add();
}

void WorkerInstruments::on(const relay::EventAnswered& answered) {
  if (!answered.reason.empty()) reject(ClientVerb::event, answered.reason);
  if (!answered.kind) return;
  publish.add(nanoseconds(answered.took));
  if (!answered.accepted && answered.reason.starts_with("error:"))
    errors[slot_of(*answered.kind)].add();
}

void WorkerInstruments::on(const relay::AuthAnswered& answered) {
  (answered.refusal.empty() ? auth_ok : auth_failed).add();
  if (!answered.refusal.empty()) reject(ClientVerb::auth, answered.refusal);
}

void WorkerInstruments::on(const relay::Refused& refused) { reject(refused.verb, refused.reason); }

void WorkerInstruments::on(const relay::Queried& queried) { query.add(nanoseconds(queried.took)); }

void WorkerInstruments::on(const relay::Delivered& events) {
  delivered[static_cast<std::size_t>(events.source)].add(events.events);
  sent[static_cast<std::size_t>(relay::RelayVerb::event)].add(events.events);
}

void WorkerInstruments::on(const relay::Withheld& events) {
  withheld[slot_of(events.kind)].add(events.events);
}

void WorkerInstruments::on(const relay::SubscriptionsChanged& changed) {
  subscriptions.add(static_cast<std::uint64_t>(changed.by));
}

void CommitInstruments::add(const relay::Committed& committed) {
  if (committed.failed) failed.add();
  for (const auto& stored : committed.events) events[slot_of(stored.event->kind)].add();
  if (committed.writes == 0) return;
  took.add(nanoseconds(committed.took));
  size.add(committed.writes);
}

void StoreInstruments::called(store::Call call, std::chrono::nanoseconds took) {
  calls[static_cast<std::size_t>(call)].add(nanoseconds(took));
}

WorkerInstruments& Registry::add_worker() {
  const std::lock_guard lock(mutex_);
  return workers_.emplace_back();
}

StoreInstruments& Registry::add_store_user() {
  const std::lock_guard lock(mutex_);
  return store_users_.emplace_back();
}

std::vector<const WorkerInstruments*> Registry::workers() const {
  const std::lock_guard lock(mutex_);
  return all_of(workers_);
}

std::vector<const StoreInstruments*> Registry::store_users() const {
  const std::lock_guard lock(mutex_);
  return all_of(store_users_);
}

}  // namespace extensions::metrics
