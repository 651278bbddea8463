#pragma once
// What relay and plugin say to each other: one JSON object a line, as strfry's plugins know it.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "nostr/event.h"
#include "nostr/viewer.h"
#include "relay/extension/verdict.h"

namespace extensions::write_policy {

/// `{"type":"new","event":{…},"receivedAt":…,"sourceType":"IP4"|"IP6","sourceInfo":"<address>","authed":"<key>"}`
/// with a newline. `authed`: the event's author if the connection proved it, else the first key it
/// proved; absent without one.
[[nodiscard]] std::string question_line(const nostr::Event& event, const nostr::Viewer& viewer,
                                        const base::IpAddress& peer, base::UnixSeconds received_at);

/// `{"id":"…","action":"accept"|"reject"|"shadowReject","msg":"…"}`
struct Reply {
  nostr::EventId id;
  relay::Verdict verdict;  ///< an unknown action denies with "error:"
};

/// Reads replies. Holds simdjson's buffers: confined to one thread.
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  /// nullopt: not an object with an event's id, so nobody's reply.
  [[nodiscard]] std::optional<Reply> parse(std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace extensions::write_policy
