#pragma once
#include <chrono>
#include <cstddef>

namespace store::firestore {

/// How fast one instance may write: 500 writes a second at first, half as much again every five
/// minutes, so that Firestore can split its ranges in time.
/// https://firebase.google.com/docs/firestore/best-practices#ramping_up_traffic
/// What was not used of the last second may be used at once. Not thread-safe.
class Ramp {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  static constexpr double first = 500;   ///< writes per second
  static constexpr double factor = 1.5;  ///< per step
  static constexpr double most = 10'000;
  static constexpr std::chrono::minutes step{5};

  explicit Ramp(Time now) : start_(now), paid_until_(now - std::chrono::seconds(1)) {}

  /// Writes per second.
  [[nodiscard]] double rate(Time now) const;
  /// Books that many writes: how long to wait before they are sent. REQUIRES: `now` never goes back.
  [[nodiscard]] Duration book(std::size_t writes, Time now);

 private:
  Time start_;
  Time paid_until_;  // when all that was booked has been written at the rate
};

}  // namespace store::firestore
