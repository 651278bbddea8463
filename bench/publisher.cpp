#include "publisher.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace bench {

Publisher::Publisher(Crowd& crowd, std::size_t first, std::size_t count, Pace pace,
                     const std::vector<PreparedEvent>& events)
    : crowd_(crowd),
      first_(first),
      count_(count),
      pace_(pace),
      events_(events),
      sent_ns_(events.size()),
      timer_(crowd.io()) {
  index_.reserve(events.size());
  latencies_ns_.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) index_.emplace(events[i].key, i);
}

void Publisher::start() {
  started_ns_ = last_answer_ns_ = now_ns();
  if (pace_.per_second > 0) return send_due();
  for (std::size_t round = 0; round < pace_.in_flight; ++round) {
    for (std::size_t i = 0; i < count_; ++i) send_next(crowd_[first_ + i]);
  }
}

void Publisher::send_next(RelayClient& client) {
  if (next_ == events_.size()) return;
  sent_ns_[next_] = now_ns();
  client.send(events_[next_++].frame);
}

void Publisher::send_due() {
  const double elapsed = static_cast<double>(now_ns() - started_ns_) / 1e9;
  const auto due = static_cast<std::size_t>(elapsed * pace_.per_second) + 1;
  while (next_ < std::min(due, events_.size()) && !any_lost()) {
    send_next(crowd_[first_ + next_ % count_]);
  }
  if (next_ == events_.size() || any_lost()) return;
  timer_.expires_after(std::chrono::milliseconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) send_due();
  });
}

bool Publisher::any_lost() const {
  for (std::size_t i = 0; i < count_ && crowd_.lost() > 0; ++i) {
    if (crowd_[first_ + i].lost()) return true;
  }
  return false;
}

void Publisher::hear(RelayClient& client, const RelayMessage& message) {
  if (message.type != "OK") return;
  const auto index = index_of(event_key(message.subject));
  if (!index) return;
  last_answer_ns_ = now_ns();
  latencies_ns_.push_back(last_answer_ns_ - sent_ns_[*index]);
  if (message.rest.starts_with("true")) {
    ++accepted_;
  } else if (refused_++ == 0) {
    first_refusal_ = message.rest;
  }
  if (pace_.per_second == 0) send_next(client);
}

bool Publisher::done() const { return accepted_ + refused_ == events_.size() || any_lost(); }

std::optional<std::size_t> Publisher::index_of(std::uint64_t key) const {
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

double Publisher::elapsed_s() const {
  return static_cast<double>(last_answer_ns_ - started_ns_) / 1e9;
}

boost::json::object Publisher::report() {
  boost::json::object report{{"accepted", accepted_},
                             {"refused", refused_},
                             {"unanswered", events_.size() - accepted_ - refused_},
                             {"events_per_second", static_cast<double>(accepted_) / elapsed_s()},
                             {"ok_latency", latency_report(latencies_ns_)}};
  if (!first_refusal_.empty()) report["first_refusal"] = first_refusal_;
  return report;
}

}  // namespace bench
