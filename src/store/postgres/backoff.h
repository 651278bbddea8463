#pragma once
#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace store::postgres {

/// How long to wait before the next attempt: delays double from `first` to `most`, each a random
/// part of it and at least a half, so that instances that lost a server together do not come back
/// together. Not thread-safe.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds first{50}, most{2000};

  [[nodiscard]] Milliseconds next() {
    const auto delay = std::exchange(delay_, std::min(2 * delay_, most)).count();
    return Milliseconds(std::uniform_int_distribution(delay / 2, delay)(random_));
  }
  void reset() { delay_ = first; }

 private:
  std::minstd_rand random_{std::random_device{}()};
  Milliseconds delay_ = first;
};

}  // namespace store::postgres
