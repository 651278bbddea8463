#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "relay_client.h"

namespace bench {

/// Many connections to one relay on one loop: the whole client side of a measurement.
class Crowd {
 public:
  explicit Crowd(const Target& target);

  /// Opens `count` more, a few hundred at a time, from `sources` addresses 127.0.0.1, .2, ... in
  /// turn (0 = let the system choose). The error says what the first failure was.
  [[nodiscard]] std::expected<void, std::string> open(std::size_t count, std::size_t sources = 0);

  /// Runs the loop until `done()`; false if the target's timeout came first.
  bool run_until(const std::function<bool()>& done);

  /// Replaces what happens with the clients' messages.
  void on_text(std::function<void(RelayClient&, std::string_view)> handler) {
    context_.on_text = std::move(handler);
  }

  [[nodiscard]] RelayClient& operator[](std::size_t index) { return *clients_[index]; }
  [[nodiscard]] std::size_t size() const { return clients_.size(); }
  [[nodiscard]] std::size_t lost() const { return lost_; }
  [[nodiscard]] boost::asio::io_context& io() { return context_.io; }

 private:
  void open_next(std::size_t sources);

  const Target target_;
  std::expected<Address, std::string> address_;
  ClientContext context_;
  std::vector<std::unique_ptr<RelayClient>> clients_;
  std::size_t started_ = 0, opened_ = 0, lost_ = 0;
  std::string failure_;  // of the first connection that could not be opened
};

/// What a relay says (NIP-01), split as far as a load tool looks. Views into the message.
struct RelayMessage {
  std::string_view type;  ///< EVENT, OK, EOSE, CLOSED, NOTICE, AUTH; "" = not understood
  std::string_view
      subject;  ///< the string after it: subscription or event id, challenge, text of a notice
  std::string_view rest;  ///< what follows that
};

/// Assumes subjects without escapes, as this tool's own ids are.
[[nodiscard]] RelayMessage split_message(std::string_view message);

[[nodiscard]] std::int64_t now_ns();

/// p50, p90, p99 and max in milliseconds, and the count; sorts `latencies`.
[[nodiscard]] boost::json::object latency_report(std::vector<std::int64_t>& latencies_ns);

/// One line on stderr.
void progress(std::string_view text);

}  // namespace bench
