#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "nostr/event.h"

namespace nostr {

// What a relay says to us when we are its client.
struct EventAnswer {
  std::string subscription;
  Event event;
};
struct OkAnswer {
  std::string event_id;
  bool accepted = false;
  std::string reason;
};
struct EoseAnswer {
  std::string subscription;
};
struct ClosedAnswer {
  std::string subscription;
  std::string reason;
};
struct NoticeAnswer {
  std::string text;
};
struct NegMsgAnswer {
  std::string reconciliation;
  std::vector<std::uint8_t> message;
};
struct NegErrAnswer {
  std::string reconciliation;
  std::string reason;
};
/// A verb that we need not understand.
struct OtherAnswer {};

using RelayAnswer = std::variant<EventAnswer, OkAnswer, EoseAnswer, ClosedAnswer, NoticeAnswer,
                                 NegMsgAnswer, NegErrAnswer, OtherAnswer>;

/// Parses what relays send. The relay is a stranger: any text will do as input, events are shaped well but not verified.
/// Holds simdjson's buffers: not thread-safe, no I/O, never throws on input.
class RelayMessageReader {
 public:
  RelayMessageReader();
  ~RelayMessageReader();
  RelayMessageReader(const RelayMessageReader&) = delete;
  RelayMessageReader& operator=(const RelayMessageReader&) = delete;

  /// The error is a sentence.
  [[nodiscard]] std::expected<RelayAnswer, std::string> read(std::string_view message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nostr
