#pragma once
#include <chrono>
#include <optional>

#include "base/clock.h"

namespace base {

/// Tells a clock that was set ahead from time that has passed. A wrong date lasts until somebody sets it right; what
/// is removed because of it is gone. Not thread-safe.
class ClockWatch {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  /// A smaller jump is taken for a correction; after a larger one the clock is not believed for as long.
  static constexpr std::chrono::hours patience{1};

  /// May what depends on `now` be final? Asked now and then, with both clocks as they are.
  [[nodiscard]] bool believes(UnixSeconds now, Steady steady) {
    using std::chrono::seconds;
    if (last_) {
      const auto ahead = seconds(now - last_->now) - (steady - last_->steady);
      if (ahead > patience) doubted_until_ = steady + patience;
      // Set back again: it was a mistake, and it is over.
      if (ahead < -patience) doubted_until_.reset();
    }
    last_ = {now, steady};
    return !doubted_until_ || steady >= *doubted_until_;
  }

 private:
  struct Reading {
    UnixSeconds now;
    Steady steady;
  };
  std::optional<Reading> last_;
  std::optional<Steady> doubted_until_;
};

}  // namespace base
