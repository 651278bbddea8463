#pragma once
// What an extension is told that only watches: values, after the fact, without a say. Nobody watches: nothing is told,
// and no clock is read.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "nostr/kinds.h"
#include "store/rows.h"
#include "store/stager.h"

namespace relay {

/// What a client's message was headed by; `other`: what nobody could tell.
enum class ClientVerb : std::uint8_t {
  event,
  req,
  count,
  close,
  auth,
  neg_open,
  neg_msg,
  neg_close,
  other
};
inline constexpr std::size_t client_verbs = 9;

/// What an answer is headed by.
enum class RelayVerb : std::uint8_t {
  event,
  ok,
  eose,
  closed,
  notice,
  auth,
  count,
  neg_msg,
  neg_err
};
inline constexpr std::size_t relay_verbs = 9;

/// As on the wire ("NEG-OPEN"), or "other".
[[nodiscard]] std::string_view name_of(ClientVerb verb);
[[nodiscard]] std::string_view name_of(RelayVerb verb);
/// REQUIRES: `message` is one of the relay's own (nostr/relay_message.h).
[[nodiscard]] RelayVerb relay_verb_of(std::string_view message);

/// A client's message came, understood or not.
struct Received {
  ClientVerb verb;
};

/// A message is queued for a client. Not told of events: see Delivered.
struct Sent {
  RelayVerb verb;
};

/// An EVENT has its OK.
struct EventAnswered {
  std::optional<nostr::Kind> kind;  ///< none: it was not understood
  bool accepted;
  std::string_view reason;        ///< "" or with its prefix; also of a duplicate, which is accepted
  std::chrono::nanoseconds took;  ///< from when it was read to its OK in the queue
};

/// An AUTH has its OK.
struct AuthAnswered {
  std::string_view refusal;  ///< "": the key is proved
};

/// CLOSED or NEG-ERR, in place of an answer.
struct Refused {
  ClientVerb verb;
  std::string_view reason;  ///< with its prefix
};

/// A REQ has its EOSE.
struct Queried {
  std::chrono::nanoseconds took;  ///< from when it was read
};

enum class Source : std::uint8_t { live, stored };

/// Events were queued for subscriptions: told once for an event's fan-out, and once for a page.
struct Delivered {
  Source source;
  std::uint64_t events;
};

/// may_read() kept events of one kind from viewers, once for each filter that matched: told as Delivered is, also of
/// events that would only have been counted or reconciled.
struct Withheld {
  nostr::Kind kind;
  std::uint64_t events;
};

/// Subscriptions were opened (1) or have ended (-n).
struct SubscriptionsChanged {
  std::int64_t by;
};

/// A commit, of whatever caused it.
struct Committed {
  std::size_t writes = 0;  ///< events that clients sent; 0: an operation, or a purge
  bool failed = false;     ///< then nothing was kept, and what follows is empty
  std::span<const store::StoredEvent> events{};  ///< accepted ones
  std::span<const store::RowChange> changes{};
  std::chrono::nanoseconds took{};
};

/// One worker's watcher. Called on its thread, on the road of each message: adds a number, and neither waits nor allocates.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Received&) {}
  virtual void on(const Sent&) {}
  virtual void on(const EventAnswered&) {}
  virtual void on(const AuthAnswered&) {}
  virtual void on(const Refused&) {}
  virtual void on(const Queried&) {}
  virtual void on(const Delivered&) {}
  virtual void on(const Withheld&) {}
  virtual void on(const SubscriptionsChanged&) {}
};

}  // namespace relay
