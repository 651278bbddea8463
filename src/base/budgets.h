#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace base {

/// How often, for keys that nobody can count: "at most `count` in any `period_s`", refilled evenly (GCRA, ITU-T I.371),
/// for any number of purses in a fixed amount of memory.
///
/// Thread-safe without locks. When all places that a purse may have are taken, it takes the one that is nearest to being
/// full again: who spends little is forgotten first, which errs towards letting through. Two threads that spend from one
/// purse at the same instant may get one event too many.
class Budgets {
 public:
  /// 0 = no limit.
  struct Rate {
    std::int64_t count = 0;
    std::int64_t period_s = 60;
  };
  /// One budget that an event draws on.
  struct Charge {
    std::uint64_t purse;  ///< of purse()
    Rate rate;
  };

  /// Memory: 8 bytes for each of `places`, rounded up to a power of two, at least 8.
  explicit Budgets(std::size_t places);

  /// Names a purse: `purpose` keeps budgets of different rates apart. The hash is salted: clients choose what goes in.
  [[nodiscard]] std::uint64_t purse(char purpose, std::string_view owner) const;

  /// Charges one event to all of them, or, when one has nothing left, to none: then the seconds (>= 1) to wait.
  [[nodiscard]] std::optional<UnixSeconds> spend(std::span<const Charge> charges, UnixSeconds now);

  /// What spend() would answer, without charging.
  [[nodiscard]] std::optional<UnixSeconds> wait(std::span<const Charge> charges, UnixSeconds now);

 private:
  static constexpr std::size_t bucket_places = 8;  // a cache line
  /// Fingerprint of the purse in the high 24 bits, the time in ms at which it is full again in the low 40.
  using Place = std::atomic<std::uint64_t>;
  struct alignas(64) Bucket {
    std::array<Place, bucket_places> places{};
  };

  [[nodiscard]] Place& place_of(std::uint64_t purse);

  std::vector<Bucket> buckets_;
  std::uint64_t salt_;
};

}  // namespace base
