#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>

#include "store/fetched/pause.h"
#include "store/firestore/ramp.h"

namespace store::firestore {

/// Keeps writes to the ramp; an emulator has no ranges to split and takes all at once. Used by one at a time.
class Pace {
 public:
  explicit Pace(bool is_limited) {
    if (is_limited) ramp_.emplace(std::chrono::steady_clock::now());
  }

  /// Waits until so many writes may be sent; how long that was.
  [[nodiscard]] boost::asio::awaitable<Ramp::Duration> wait_for(std::size_t writes) {
    if (!ramp_) co_return Ramp::Duration{};
    const auto wait = ramp_->book(writes, std::chrono::steady_clock::now());
    co_await fetched::pause(wait);
    co_return wait;
  }

 private:
  std::optional<Ramp> ramp_;
};

}  // namespace store::firestore
