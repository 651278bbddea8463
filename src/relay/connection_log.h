#pragma once
// At level debug one connection can be followed through the log by its number: what it asked and how that was answered, in
// verbs, kinds and prefixes; never ids, keys, groups or content.
#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/log.h"
#include "nostr/client_message.h"
#include "relay/transport.h"

namespace relay {

/// What was counted of a connection for the line at its end.
struct ConnectionCounts {
  base::UnixSeconds opened = 0;
  std::uint32_t received = 0, sent = 0;  ///< messages
};

/// Makes a client's address a word that is the same as long as the process lives and says nothing else.
using AddressSalt = std::array<std::uint8_t, 16>;

/// `salt`: null when addresses are not logged.
void log_opened(const base::Log& log, std::uint64_t connection, const base::IpAddress& client,
                const AddressSalt* salt);
void log_received(const base::Log& log, std::uint64_t connection,
                  const nostr::ClientMessage& message);
void log_sent(const base::Log& log, std::uint64_t connection, std::string_view text);
void log_closed(const base::Log& log, std::uint64_t connection, const CloseReason& why,
                const ConnectionCounts& counts, base::UnixSeconds now);

}  // namespace relay
