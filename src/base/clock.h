#pragma once
// Time as a value: the layers below `app` are told the time, they never ask for it.
#include <chrono>
#include <cstdint>
#include <functional>

namespace base {

/// Seconds since 1970-01-01 UTC, as in Nostr's created_at.
using UnixSeconds = std::int64_t;

/// Asked at the edges (connection, writer, sweeper) and then passed along as a value.
using Clock = std::function<UnixSeconds()>;

[[nodiscard]] inline UnixSeconds system_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace base
