#pragma once
#include <memory>
#include <mutex>
#include <utility>

namespace base {

/// A value that is replaced as a whole while others use it, such as a configuration. Thread-safe; whoever reads often keeps
/// what get() gave it until it is told that there is something newer.
template <typename T>
class Published {
 public:
  explicit Published(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  [[nodiscard]] std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(T value) {
    auto next = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;  // never null
};

}  // namespace base
