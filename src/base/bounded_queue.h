#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace base {

/// A queue between threads with a stated limit: many producers, one consumer that takes everything at once.
///
/// Thread-safe. A full queue refuses (`push` returns full): the producer says so to whoever asked, nothing waits
/// and nothing is dropped in silence. The consumer is woken by the producer that finds the queue empty, so one
/// wake-up serves a whole batch.
template <typename T>
class BoundedQueue {
 public:
  enum class Pushed { first, more, full };

  /// Limits: number of items, and the sum of the weights (bytes) given to push().
  BoundedQueue(std::size_t max_items, std::size_t max_bytes)
      : max_items_(max_items), max_bytes_(max_bytes) {}

  /// `first`: the queue was empty, the caller must wake the consumer. `item` is left alone when full.
  [[nodiscard]] Pushed push(T&& item, std::size_t bytes = 0) {
    std::lock_guard lock(mutex_);
    if (items_.size() >= max_items_ || bytes_ + bytes > max_bytes_) return Pushed::full;
    items_.push_back(std::move(item));
    bytes_ += bytes;
    return items_.size() == 1 ? Pushed::first : Pushed::more;
  }

  /// As push(), but waits for room: for a producer that must not refuse. Weighs nothing.
  [[nodiscard]] Pushed push_waiting(T&& item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return items_.size() < max_items_; });
    items_.push_back(std::move(item));
    return items_.size() == 1 ? Pushed::first : Pushed::more;
  }

  /// How many items wait, at this moment.
  [[nodiscard]] std::size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }

  /// Everything queued, in order; `reuse` lends its capacity.
  [[nodiscard]] std::vector<T> take_all(std::vector<T> reuse = {}) {
    reuse.clear();
    {
      std::lock_guard lock(mutex_);
      std::swap(items_, reuse);
      bytes_ = 0;
    }
    room_.notify_all();
    return reuse;
  }

 private:
  const std::size_t max_items_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::vector<T> items_;   // guarded by mutex_
  std::size_t bytes_ = 0;  // guarded by mutex_
};

}  // namespace base
