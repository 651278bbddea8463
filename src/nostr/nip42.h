#pragma once
// Client authentication (NIP-42): is this AUTH event an answer to our challenge, for us, now?
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/event.h"

namespace nostr {

/// Where a relay can be reached, reduced to what is compared: host in lower case without a final dot, port with the
/// scheme's default filled in (ws 80, wss 443), path without trailing slash. Scheme itself is not compared: a proxy
/// may end TLS.
struct RelayUrl {
  std::string host;
  std::uint16_t port = 0;
  std::string path;
  friend bool operator==(const RelayUrl&, const RelayUrl&) = default;
};

/// In lower case (RFC 3986 §3.1), without "://"; "" if there is none.
[[nodiscard]] std::string url_scheme(std::string_view text);

/// nullopt unless it is ws://, wss://, http:// or https:// with a host ([::1] in brackets).
[[nodiscard]] std::optional<RelayUrl> parse_relay_url(std::string_view text);

inline constexpr base::UnixSeconds auth_max_age_s = 600;

/// Checks kind, time (±600 s), challenge and relay tag; the caller has verified id and signature.
/// The error is a reason with its prefix; for a wrong relay it names the `accepted` URLs.
[[nodiscard]] std::expected<void, std::string> check_auth_event(
    const Event& event, std::string_view challenge, base::UnixSeconds now,
    const std::vector<std::string>& accepted);

}  // namespace nostr
