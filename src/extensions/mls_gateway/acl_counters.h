#pragma once
#include <atomic>
#include <cstdint>

namespace extensions::mls_gateway {

/// How the sidecar is asked, over all workers. Thread-safe.
struct AclCounters {
  std::atomic<std::uint64_t> asked = 0;   ///< requests to the sidecar
  std::atomic<std::uint64_t> failed = 0;  ///< those of them that got no answer
  std::atomic<std::uint64_t> denied_for_overload = 0;
};

}  // namespace extensions::mls_gateway
