#pragma once
// What the relay says, as wire text. Subscription ids and reasons are JSON-escaped here.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nostr/event.h"

namespace nostr {

[[nodiscard]] std::string ok_message(std::string_view event_id, bool accepted,
                                     std::string_view reason);
[[nodiscard]] std::string eose_message(std::string_view subscription);
/// With the hint of NIP-67 that nothing is missing.
[[nodiscard]] std::string finished_eose_message(std::string_view subscription);
/// NIP-45. `approximate`: there are at least so many. `hll`: HyperLogLog::hex(), or "".
[[nodiscard]] std::string count_message(std::string_view query, std::uint64_t count,
                                        bool approximate, std::string_view hll = {});
[[nodiscard]] std::string closed_message(std::string_view subscription, std::string_view reason);
[[nodiscard]] std::string notice_message(std::string_view text);
[[nodiscard]] std::string auth_message(std::string_view challenge);
/// `["EVENT","<sub>",`: the event's json and `]` follow, so that many subscribers share one body.
[[nodiscard]] std::string event_message_head(std::string_view subscription);
/// NIP-77. `message`: see negentropy.h.
[[nodiscard]] std::string neg_msg_message(std::string_view reconciliation,
                                          std::span<const std::uint8_t> message);
/// `max_events`: how many would be taken, of a `blocked:` one.
[[nodiscard]] std::string neg_err_message(std::string_view reconciliation, std::string_view reason,
                                          std::optional<std::uint64_t> max_events = std::nullopt);
/// Appends `text` as a JSON string with its quotes; escapes as NIP-01's seven, other control characters as \u00xx.
void append_json_string(std::string& out, std::string_view text);

}  // namespace nostr
