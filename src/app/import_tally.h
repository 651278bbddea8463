#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace app {

/// What became of the lines of an import, and what of it an operator is told: on stderr, bounded however much is
/// wrong. Never shows what a line holds.
class ImportTally {
 public:
  /// `live`: somebody watches, so a line that changes is fine.
  explicit ImportTally(bool live) : live_(live) {}

  void stored() { ++stored_; }
  void duplicate() { ++duplicates_; }
  void rejected(std::uint64_t line, const std::string& reason);
  /// A rate-limited line for who watches.
  void progress(std::uint64_t lines);
  void summary() const;

  [[nodiscard]] bool all_taken() const { return rejected_ == 0; }

 private:
  void clear_progress();

  const bool live_;
  std::uint64_t stored_ = 0, duplicates_ = 0, rejected_ = 0;
  std::map<std::string, std::uint64_t> reasons_;
  std::chrono::steady_clock::time_point next_progress_{};
  bool progress_shown_ = false;
};

}  // namespace app
