#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "extensions/mls_gateway/acl_counters.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// What metrics say of groups, members and key packages. add() on the writer's thread, measure() on any.
class Figures {
 public:
  void add(const relay::Committed& committed);
  /// What each worker counts of its questions.
  [[nodiscard]] const std::shared_ptr<AclCounters>& sidecar() const { return sidecar_; }

  /// What add() has counted since the start, and how many groups and live key packages there are in the rows. To
  /// count those a walk through the rows is needed, in slices; what it found is given again for a hundred times as long
  /// as that took.
  [[nodiscard]] boost::asio::awaitable<relay::Measures> measure(store::RowReader& rows);

 private:
  using Clock = std::chrono::steady_clock;
  struct Totals {
    std::uint64_t groups = 0, key_packages = 0;
    Clock::time_point hold_until{};
  };

  [[nodiscard]] Totals totals() const {
    const std::lock_guard lock(mutex_);
    return totals_;
  }
  [[nodiscard]] boost::asio::awaitable<void> count(store::RowReader& rows);

  const std::shared_ptr<AclCounters> sidecar_ = std::make_shared<AclCounters>();
  // One thread adds.
  std::atomic<std::uint64_t> groups_updated_ = 0, packages_stored_ = 0, membership_updates_ = 0;
  std::atomic<bool> counting_ =
      false;  // one walk at a time; others are told what the last one found
  mutable std::mutex mutex_;
  Totals totals_;  // guarded by mutex_
};

}  // namespace extensions::mls_gateway
