#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake_firestore/failure.h"

namespace fake_firestore {

/// Relative to the call's effect: a failure after it is a lost reply.
enum class When : std::uint8_t { before, after };

/// What the next `times` calls of a method meet.
struct Fault {
  std::string
      method;  ///< as in the protocol, "Commit"; "BatchWrite.write" for each write of a BatchWrite
  When when = When::before;
  int times = 1;
  Code code = Code::ok;               ///< ok: the call goes on
  std::chrono::milliseconds delay{};  ///< before that
  bool held = false;                  ///< until release()
};

/// Faults that were ordered, and how often which method was called. Thread-safe.
class Faults {
 public:
  using GivenUp = std::function<bool()>;

  void add(Fault fault);
  /// Lets go of the calls that are held, and forgets the orders for more of them.
  void release();
  /// All orders; counts of calls stay.
  void clear();

  /// Where a call meets its faults; waits where one is held or delayed, until `given_up` says that
  /// nobody waits for it.
  [[nodiscard]] std::optional<Failure> meet(std::string_view method, When when,
                                            const GivenUp& given_up);

  void count_call(std::string_view method);
  [[nodiscard]] std::int64_t calls(std::string_view method) const;
  /// Calls that are held now.
  [[nodiscard]] std::size_t held() const;
  /// Waits until that many are held; false: they did not come in time.
  [[nodiscard]] bool wait_until_held(std::size_t number, std::chrono::milliseconds timeout) const;

 private:
  [[nodiscard]] std::optional<Fault> take(std::string_view method, When when);
  void hold(std::unique_lock<std::mutex>& lock, const GivenUp& given_up);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Fault> orders_;  // first come, first met
  std::map<std::string, std::int64_t, std::less<>> calls_;
  std::size_t held_ = 0;
  std::uint64_t releases_ = 0;
};

}  // namespace fake_firestore
