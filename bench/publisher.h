#pragma once
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "crowd.h"
#include "signed_events.h"

namespace bench {

/// How fast events are sent.
struct Pace {
  std::size_t in_flight = 100;  ///< per connection: the next leaves when one is answered
  double per_second = 0;        ///< if not 0: so many in all, whatever is answered
};

/// Publishes prepared events over clients [first, first + count) of a crowd and hears their OKs.
class Publisher {
 public:
  Publisher(Crowd& crowd, std::size_t first, std::size_t count, Pace pace,
            const std::vector<PreparedEvent>& events);

  void start();
  /// To be given every message of its clients; others are ignored.
  void hear(RelayClient& client, const RelayMessage& message);

  /// Every event is answered, or one of the connections is lost, which ends the measurement.
  [[nodiscard]] bool done() const;
  /// Which event this is, if one of them.
  [[nodiscard]] std::optional<std::size_t> index_of(std::uint64_t key) const;
  [[nodiscard]] std::int64_t sent_ns(std::size_t index) const { return sent_ns_[index]; }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  [[nodiscard]] const std::string& first_refusal() const { return first_refusal_; }
  /// From the first event sent to the last OK.
  [[nodiscard]] double elapsed_s() const;
  /// accepted, refused (with the first reason), unanswered, rate and latency.
  [[nodiscard]] boost::json::object report();

 private:
  void send_next(RelayClient& client);
  void send_due();
  [[nodiscard]] bool any_lost() const;

  Crowd& crowd_;
  const std::size_t first_, count_;
  const Pace pace_;
  const std::vector<PreparedEvent>& events_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::vector<std::int64_t> sent_ns_, latencies_ns_;
  boost::asio::steady_timer timer_;
  std::size_t next_ = 0, accepted_ = 0, refused_ = 0;
  std::int64_t started_ns_ = 0, last_answer_ns_ = 0;
  std::string first_refusal_;
};

}  // namespace bench
