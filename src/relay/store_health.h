#pragma once
#include <atomic>
#include <optional>

#include "store/store_error.h"

namespace relay {

/// Whether the store takes writes, as the writer last found it. Asking costs nothing, so that probes may. Thread-safe.
class StoreHealth {
 public:
  using Fault = store::StoreError::Code;

  void failed(Fault fault) { state_ = static_cast<int>(fault); }
  void wrote() { state_ = healthy; }
  /// Why the last write failed; nullopt: none did, or one has succeeded since.
  [[nodiscard]] std::optional<Fault> fault() const {
    const int state = state_;
    if (state == healthy) return std::nullopt;
    return static_cast<Fault>(state);
  }

 private:
  static constexpr int healthy = -1;
  std::atomic<int> state_ = healthy;
};

}  // namespace relay
