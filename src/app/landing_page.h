#pragma once
// The page at "/" for people: what the relay says of itself in NIP-11, in words.
#include <string>
#include <string_view>

#include "nostr/nip11.h"

namespace app {

/// One HTML document without scripts or other files; only an icon of the operator's is fetched, from where it is. `url`
/// is what clients connect to. Every text is escaped, whoever wrote it.
[[nodiscard]] std::string landing_page(const nostr::RelayInfo& info, std::string_view url);

/// The Content-Security-Policy that goes with it: its own style sheet and that icon, nothing else.
[[nodiscard]] std::string landing_policy(const nostr::RelayInfo& info);

/// What a client connects to that reached us by this Host header: "wss://relay.example.com"; "" unless it is a host name
/// or an address, with or without a port.
[[nodiscard]] std::string websocket_url(std::string_view host, bool secure);

}  // namespace app
