#pragma once
// HTTP authorization (NIP-98): was this event signed for this very request?
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/event.h"
#include "nostr/signer.h"

namespace nostr {

/// What an authorization event must have been signed for.
struct HttpCall {
  std::string_view method;
  std::string_view path;   ///< as sent
  std::string_view query;  ///< as sent, without '?'
  std::string_view body;
};

inline constexpr base::UnixSeconds http_auth_max_age_s = 60;

/// Checks kind, time (±60 s), `u`, `method` and, where there is a body, `payload`; the caller verifies id and
/// signature, and sees to it that an event is used once. `u` must name one of `accepted`, the relay's own URLs, and
/// behind it the path: scheme and case of the host are not compared (RelayUrl), path and query exactly. The error says
/// the remedy, without a prefix.
[[nodiscard]] std::expected<void, std::string> check_http_auth(
    const Event& event, const HttpCall& call, base::UnixSeconds now,
    const std::vector<std::string>& accepted);

/// The Authorization header of a call to `url`, of which `call` has method and body, as `signer` signs it.
[[nodiscard]] std::string http_authorization(const Signer& signer, std::string_view url,
                                             const HttpCall& call, base::UnixSeconds now);

}  // namespace nostr
