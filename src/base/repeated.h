#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace base {

/// Keeps a line that repeats from flooding the log: it is said at once, and then no more than once per interval, with how
/// often it would have been. Confined to one thread.
class Repeated {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds interval{30};

  /// nullopt: not now. Else how often it happened since it was last said, this time included.
  [[nodiscard]] std::optional<std::uint64_t> again(Steady now = std::chrono::steady_clock::now()) {
    ++times_;
    if (said_ && now - *said_ < interval) return std::nullopt;
    said_ = now;
    return std::exchange(times_, 0);
  }

 private:
  std::optional<Steady> said_;
  std::uint64_t times_ = 0;
};

}  // namespace base
