#pragma once
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// How long things took, in milliseconds.
class Times {
 public:
  void add(Clock::time_point begin) { all_.push_back(seconds_since(begin) * 1e3); }
  void add(const Times& others) { all_.insert(all_.end(), others.all_.begin(), others.all_.end()); }
  [[nodiscard]] std::size_t count() const { return all_.size(); }
  /// p50_ms and p99_ms. REQUIRES: there is one.
  void report(boost::json::object& to) {
    std::ranges::sort(all_);
    to["p50_ms"] = all_[all_.size() / 2];
    to["p99_ms"] = all_[all_.size() * 99 / 100];
  }

 private:
  std::vector<double> all_;
};

}  // namespace bench
