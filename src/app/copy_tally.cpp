#include "app/copy_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace app {
namespace {

constexpr auto progress_interval = std::chrono::seconds(1);

}  // namespace

void CopyTally::add(const store::Parcel& parcel) {
  events_ += parcel.events.size();
  rows_ += parcel.rows.size();
  tombstones_ += parcel.tombstones.size();
  progress();
}

std::uint64_t CopyTally::per_second() const {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
  const auto things = static_cast<double>(events_ + rows_ + tombstones_);
  return static_cast<std::uint64_t>(things / std::max(took.count(), 0.001));
}

void CopyTally::progress() {
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now < next_progress_) return;
  next_progress_ = now + progress_interval;
  fmt::print(stderr, "\r\x1b[K{} events, {} rows, {} deletions; {} per second", events_, rows_,
             tombstones_, per_second());
  std::fflush(stderr);
}

void CopyTally::summary() const {
  fmt::print(stderr, "{}{} events, {} rows, {} deletions copied; {} per second\n",
             live_ ? "\r\x1b[K" : "", events_, rows_, tombstones_, per_second());
}

}  // namespace app
