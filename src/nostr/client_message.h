#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "nostr/event.h"
#include "nostr/filter.h"

namespace nostr {

struct EventMessage {
  Event event;
};
struct AuthMessage {
  Event event;
};
struct ReqMessage {
  std::string subscription;
  std::vector<Filter> filters;
};
/// NIP-45: how many events match.
struct CountMessage {
  std::string query;
  std::vector<Filter> filters;
};
struct CloseMessage {
  std::string subscription;
};
/// NIP-77: the client compares what it has with what the relay shows it of this filter. `message`: see negentropy.h.
struct NegOpenMessage {
  std::string reconciliation;
  Filter filter;
  std::vector<std::uint8_t> message;
};
struct NegMsgMessage {
  std::string reconciliation;
  std::vector<std::uint8_t> message;
};
struct NegCloseMessage {
  std::string reconciliation;
};

using ClientMessage = std::variant<EventMessage, ReqMessage, CountMessage, CloseMessage,
                                   AuthMessage, NegOpenMessage, NegMsgMessage, NegCloseMessage>;

/// Why a message was not understood, and which answer NIP-01 wants for it.
struct MessageError {
  enum class Answer {
    ok_false,
    auth_false,    ///< the same, to an AUTH
    closed,        ///< the subscription of that id ends
    count_closed,  ///< a count of that id is refused; a subscription of that id is another matter
    notice,
    neg_err  ///< the reconciliation of that id ends
  };
  Answer answer;
  std::string subject;  ///< event id as the client wrote it, or subscription id; "" for a notice
  std::string reason;   ///< begins with its prefix: "invalid: …"
};

/// Parses what clients send. Holds simdjson's buffers: one per thread, not thread-safe, no I/O, never throws on input.
class MessageParser {
 public:
  explicit MessageParser(const base::Limits& limits);
  void set_limits(const base::Limits& limits);
  ~MessageParser();
  MessageParser(const MessageParser&) = delete;
  MessageParser& operator=(const MessageParser&) = delete;

  /// One WebSocket text message: a JSON array headed by one of the verbs above. Event shape is checked
  /// (lowercase hex, integer created_at >= 0, kind 0..65535, tags arrays of strings), id and signature are not.
  [[nodiscard]] std::expected<ClientMessage, MessageError> parse(std::string_view message);

  /// A bare event object: stored events, imports. The error is a reason without prefix. Text that differs from ours in
  /// the order of the fields alone is kept, so that an export comes out as it went in.
  [[nodiscard]] std::expected<Event, std::string> parse_event(std::string_view json);

  /// A bare filter object, as in a REQ. The error is a reason without prefix.
  [[nodiscard]] std::expected<Filter, std::string> parse_filter(std::string_view json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nostr
