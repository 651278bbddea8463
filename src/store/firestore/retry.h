#pragma once
#include <chrono>
#include <optional>

#include "store/backoff.h"
#include "store/firestore/client.h"

namespace store::firestore {

/// When to try again: after 20 ms to 500 ms, but after 500 ms to 5 s when a quota is used up; growing,
/// with jitter. Not thread-safe.
class Retry {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit Retry(Deadline deadline) : deadline_(deadline) {}

  /// How long to wait first; nothing: not at all, since it would fail again or time is up.
  [[nodiscard]] std::optional<Milliseconds> pause_after(const Failure& failure) {
    if (!is_passing(failure)) return std::nullopt;
    const bool quota = failure.code == grpc::StatusCode::RESOURCE_EXHAUSTED;
    const Milliseconds pause = quota ? of_quota_.next() : backoff_.next();
    if (std::chrono::steady_clock::now() + pause >= deadline_) return std::nullopt;
    return pause;
  }

 private:
  Deadline deadline_;
  Backoff backoff_{Milliseconds(20), Milliseconds(500)};
  Backoff of_quota_{Milliseconds(1000), Milliseconds(5000)};  // its half is the least
};

}  // namespace store::firestore
