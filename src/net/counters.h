#pragma once
#include <atomic>
#include <cstdint>

namespace net {

/// What the sockets of all workers have seen. Thread-safe; relaxed: each number is right, no two
/// are of one moment.
struct Counters {
  std::atomic<std::uint64_t> accepted = 0;      ///< connections, refused ones not counted
  std::atomic<std::uint64_t> open = 0;          ///< now
  std::atomic<std::uint64_t> slow_readers = 0;  ///< dropped with close_reason::slow_reader
  std::atomic<std::uint64_t> protocol_errors =
      0;  ///< WebSockets closed for breaking RFC 6455 or a size limit
  std::atomic<std::uint64_t> refused = 0;  ///< above max_connections or max_connections_per_address
};

inline void count(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace net
