#include "fake_firestore/faults.h"

#include <algorithm>
#include <utility>

namespace fake_firestore {

namespace {

/// How often a call that waits looks whether its caller is still there.
constexpr std::chrono::milliseconds look_interval{20};

}  // namespace

void Faults::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(fault));
}

void Faults::release() {
  const std::lock_guard lock(mutex_);
  std::erase_if(orders_, &Fault::held);
  ++releases_;
  changed_.notify_all();
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  orders_.clear();
  ++releases_;
  changed_.notify_all();
}

std::optional<Fault> Faults::take(std::string_view method, When when) {
  const auto order = std::ranges::find_if(
      orders_, [&](const Fault& fault) { return fault.method == method && fault.when == when; });
  if (order == orders_.end()) return std::nullopt;
  Fault fault = *order;
  if (--order->times <= 0) orders_.erase(order);
  return fault;
}

void Faults::hold(std::unique_lock<std::mutex>& lock, const GivenUp& given_up) {
  const std::uint64_t release = releases_;
  ++held_;
  changed_.notify_all();
  while (releases_ == release && !given_up()) changed_.wait_for(lock, look_interval);
  --held_;
}

std::optional<Failure> Faults::meet(std::string_view method, When when, const GivenUp& given_up) {
  std::unique_lock lock(mutex_);
  const auto fault = take(method, when);
  if (!fault) return std::nullopt;
  const auto end = std::chrono::steady_clock::now() + fault->delay;
  while (std::chrono::steady_clock::now() < end && !given_up())
    changed_.wait_until(lock, std::min(end, std::chrono::steady_clock::now() + look_interval));
  if (fault->held) hold(lock, given_up);
  if (fault->code == Code::ok) return std::nullopt;
  return Failure{fault->code, "a fault that was ordered"};
}

void Faults::count_call(std::string_view method) {
  const std::lock_guard lock(mutex_);
  ++calls_[std::string(method)];
}

std::int64_t Faults::calls(std::string_view method) const {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(method);
  return found == calls_.end() ? 0 : found->second;
}

std::size_t Faults::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

bool Faults::wait_until_held(std::size_t number, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return held_ >= number; });
}

}  // namespace fake_firestore
