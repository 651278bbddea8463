#pragma once
#include <atomic>
#include <chrono>

namespace relay {

/// When this instance last heard from a store that others commit to as well, so that what it learnt
/// from commits is true up to then. Thread-safe.
class StoreContact {
 public:
  using Clock = std::chrono::steady_clock;

  /// `now`: when the store was asked, not when it answered.
  explicit StoreContact(Clock::time_point now = Clock::now()) : last_(now) {}
  void heard(Clock::time_point now) { last_.store(now, std::memory_order_relaxed); }
  /// Was something heard within the last `most`?
  [[nodiscard]] bool within(Clock::duration most, Clock::time_point now = Clock::now()) const {
    return now - last_.load(std::memory_order_relaxed) <= most;
  }

 private:
  std::atomic<Clock::time_point> last_;
};

}  // namespace relay
