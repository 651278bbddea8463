#pragma once
#include <array>
#include <list>
#include <mutex>
#include <string_view>
#include <vector>

#include "extensions/metrics/instruments.h"
#include "extensions/metrics/kinds.h"
#include "relay/extension/observer.h"
#include "store/call_observer.h"

namespace extensions::metrics {

/// Two workers' instruments never share a cache line.
inline constexpr std::size_t cache_line = 64;

/// What may be refused, and why: the labels of mls_gateway_rejects_total.
inline constexpr std::array<relay::ClientVerb, 5> refused_verbs = {
    relay::ClientVerb::event, relay::ClientVerb::req, relay::ClientVerb::count,
    relay::ClientVerb::auth, relay::ClientVerb::neg_open};
inline constexpr std::array<std::string_view, 10> prefixes = {
    "auth-required", "restricted", "invalid", "rate-limited", "blocked",
    "pow",           "duplicate",  "error",   "unsupported",  "other"};
/// The place in `prefixes` of what stands before the reason's first colon.
[[nodiscard]] std::size_t prefix_of(std::string_view reason);

/// What one worker counts. Added to on its thread.
struct alignas(cache_line) WorkerInstruments final : relay::Observer {
  void on(const relay::Received& received) override;
  void on(const relay::Sent& sent) override;
  void on(const relay::EventAnswered& answered) override;
  void on(const relay::AuthAnswered& answered) override;
  void on(const relay::Refused& refused) override;
  void on(const relay::Queried& queried) override;
  void on(const relay::Delivered& delivered) override;
  void on(const relay::Withheld& withheld) override;
  void on(const relay::SubscriptionsChanged& changed) override;
  void reject(relay::ClientVerb verb, std::string_view reason);

  std::array<Counter, relay::client_verbs> received;
  std::array<Counter, relay::relay_verbs> sent;
  std::array<std::array<Counter, prefixes.size()>, refused_verbs.size()> rejects;
  std::array<Counter, kind_slots> errors;
  std::array<Counter, kind_slots> withheld;
  std::array<Counter, 2> delivered;  ///< by relay::Source
  Counter auth_ok, auth_failed;
  Counter subscriptions;  ///< those that have ended are added as -1, modulo 2^64
  Histogram publish{duration_bounds};
  Histogram query{duration_bounds};
};

/// What the writer's commits add. On its thread.
struct alignas(cache_line) CommitInstruments {
  void add(const relay::Committed& committed);

  std::array<Counter, kind_slots> events;  ///< accepted ones
  Counter failed;
  Histogram took{duration_bounds};
  Histogram size{size_bounds};
};

/// How long one thread waited for the store.
struct alignas(cache_line) StoreInstruments final : store::CallObserver {
  void called(store::Call call, std::chrono::nanoseconds took) override;

  std::array<Histogram, store::call_names.size()> calls{
      Histogram{duration_bounds}, Histogram{duration_bounds}, Histogram{duration_bounds},
      Histogram{duration_bounds}, Histogram{duration_bounds}};
};

/// The instruments of all threads. Thread-safe; what it makes lives as long as it does.
class Registry {
 public:
  /// For one more worker, and one more thread that uses the store.
  [[nodiscard]] WorkerInstruments& add_worker();
  [[nodiscard]] StoreInstruments& add_store_user();
  /// Of the one writer.
  [[nodiscard]] CommitInstruments& commits() { return commits_; }
  [[nodiscard]] const CommitInstruments& commits() const { return commits_; }

  [[nodiscard]] std::vector<const WorkerInstruments*> workers() const;
  [[nodiscard]] std::vector<const StoreInstruments*> store_users() const;

 private:
  CommitInstruments commits_;
  mutable std::mutex mutex_;
  std::list<WorkerInstruments> workers_;     // guarded by mutex_: the list, not its elements
  std::list<StoreInstruments> store_users_;  // likewise
};

}  // namespace extensions::metrics
