#pragma once
// What is added to on the road of every message: by one thread, read by any. So no addition is atomic as a whole, none
// waits for another thread, and prometheus-cpp's own instruments, which lock, are not used.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace extensions::metrics {

/// One thread adds, any thread reads.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.store(value() + count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

inline constexpr std::size_t max_bounds = 13;

/// Durations, in nanoseconds: from half a millisecond to five seconds.
inline constexpr std::array<std::uint64_t, 13> duration_bounds = {
    500'000,     1'000'000,   2'500'000,   5'000'000,     10'000'000,    25'000'000,   50'000'000,
    100'000'000, 250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000};
/// Events of one commit.
inline constexpr std::array<std::uint64_t, 10> size_bounds = {1,  2,   5,   10,  20,
                                                              50, 100, 200, 500, 1000};

/// How many values lie in which bucket, and their sum. One thread adds, any thread reads.
class Histogram {
 public:
  /// Upper ends, themselves included, ascending, at most max_bounds; they outlive it. A last bucket has no end.
  explicit Histogram(std::span<const std::uint64_t> bounds) : bounds_(bounds) {}

  void add(std::uint64_t value) {
    std::size_t bucket = 0;
    while (bucket < bounds_.size() && value > bounds_[bucket]) ++bucket;
    counts_[bucket].add();
    sum_.add(value);
  }
  [[nodiscard]] std::span<const std::uint64_t> bounds() const { return bounds_; }
  /// REQUIRES: bucket <= bounds().size().
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].value(); }
  [[nodiscard]] std::uint64_t sum() const { return sum_.value(); }

 private:
  std::span<const std::uint64_t> bounds_;
  std::array<Counter, max_bounds + 1> counts_;
  Counter sum_;
};

}  // namespace extensions::metrics
