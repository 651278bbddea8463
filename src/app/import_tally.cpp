#include "app/import_tally.h"

#include <fmt/format.h>

#include <utility>

namespace app {
namespace {

constexpr std::uint64_t shown_rejects = 20;
constexpr std::size_t counted_reasons = 50;
constexpr auto progress_interval = std::chrono::seconds(1);

}  // namespace

void ImportTally::rejected(std::uint64_t line, const std::string& reason) {
  const bool known = reasons_.contains(reason) || reasons_.size() < counted_reasons;
  ++reasons_[known ? reason : "for other reasons"];
  if (++rejected_ > shown_rejects) return;
  clear_progress();
  fmt::print(stderr, "line {}: {}\n", line, reason);
  if (rejected_ == shown_rejects) fmt::print(stderr, "… further ones are only counted\n");
}

void ImportTally::progress(std::uint64_t lines) {
  const auto now = std::chrono::steady_clock::now();
  if (!live_ || now < next_progress_) return;
  next_progress_ = now + progress_interval;
  progress_shown_ = true;
  fmt::print(stderr, "\r\x1b[K{} lines: {} stored, {} duplicates, {} rejected", lines, stored_,
             duplicates_, rejected_);
  std::fflush(stderr);
}

void ImportTally::clear_progress() {
  if (std::exchange(progress_shown_, false)) fmt::print(stderr, "\r\x1b[K");
}

void ImportTally::summary() const {
  fmt::print(stderr, "{}{} stored, {} duplicates, {} rejected\n", progress_shown_ ? "\r\x1b[K" : "",
             stored_, duplicates_, rejected_);
  for (const auto& [reason, count] : reasons_) fmt::print(stderr, "  {} x {}\n", count, reason);
}

}  // namespace app
