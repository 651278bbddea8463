#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nostr/event.h"

namespace relay {

/// One message for a client, by reference: `head` and, for a delivery, the event's json and "]". Many subscribers
/// share one event, all deliveries of a subscription share one head.
struct Outgoing {
  std::shared_ptr<const std::string> head;
  nostr::EventPtr event;  ///< may be null

  [[nodiscard]] std::size_t size() const {
    return head->size() + (event ? event->json.size() + 1 : 0);
  }
};

/// What waits to be sent on one connection. Confined to its worker's thread. An empty queue holds no memory.
class SendQueue {
 public:
  void push(Outgoing message) {
    bytes_ += message.size();
    messages_.push_back(std::move(message));
  }
  [[nodiscard]] bool empty() const { return messages_.empty(); }
  /// Payload bytes waiting, without frame headers.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::span<const Outgoing> messages() const { return messages_; }
  /// Drops the first n messages: they were sent or copied.
  void pop_front(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) bytes_ -= messages_[i].size();
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(n));
    if (messages_.empty()) std::vector<Outgoing>().swap(messages_);
  }

 private:
  std::vector<Outgoing> messages_;
  std::size_t bytes_ = 0;
};

}  // namespace relay
