#pragma once
#include <chrono>
#include <cstdint>

#include "store/parcel.h"

namespace app {

/// How far a copy is, on stderr.
class CopyTally {
 public:
  /// `live`: somebody watches, so a line that changes is fine.
  explicit CopyTally(bool live) : live_(live) {}

  void add(const store::Parcel& parcel);
  void summary() const;

 private:
  [[nodiscard]] std::uint64_t per_second() const;
  void progress();

  const bool live_;
  std::uint64_t events_ = 0, rows_ = 0, tombstones_ = 0;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_progress_{};
};

}  // namespace app
