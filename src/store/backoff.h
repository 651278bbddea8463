#pragma once
#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace store {

/// How long to wait before the next attempt: delays double from `first` to `most`, each a random
/// part of it and at least a half, so that instances that lost a server together do not come back
/// together. Not thread-safe.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds first, Milliseconds most) : first_(first), most_(most) {}

  [[nodiscard]] Milliseconds next() {
    const auto delay = std::exchange(delay_, std::min(2 * delay_, most_)).count();
    return Milliseconds(std::uniform_int_distribution(delay / 2, delay)(random_));
  }
  void reset() { delay_ = first_; }

 private:
  std::minstd_rand random_{std::random_device{}()};
  Milliseconds first_, most_;
  Milliseconds delay_ = first_;
};

}  // namespace store
