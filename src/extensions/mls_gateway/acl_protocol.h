#pragma once
// What the gateway and an ACL sidecar say to each other, without the sockets:
//
//   GET {acl_url}/v1/groups/{id}/members/{pubkey}
//   200 {"member":true,"role":"admin","ttl":60}      404 or {"member":false} = not a member
//
// Pure and thread-safe. sidecar/README.md describes the protocol for those who write a sidecar.
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "nostr/event.h"

namespace extensions::mls_gateway {

/// What a key is to a group. `unknown` (nobody has said) is treated as `outsider` by whoever
/// decides, and is the value of whatever went wrong.
enum class Standing : std::uint8_t { unknown, outsider, member, admin };

[[nodiscard]] constexpr bool is_inside(Standing standing) { return standing >= Standing::member; }

/// Why a sidecar gave no answer.
enum class AclError : std::uint8_t {
  unreachable,  ///< no connection, no trust in its certificate, or it hung up before answering
  timed_out,    ///< not answered within the deadline
  malformed,    ///< answered, and not as the protocol says (any status but 200 and 404 included)
};

struct AclAnswer {
  static constexpr std::chrono::milliseconds unlimited = std::chrono::hours(24 * 365);

  Standing standing = Standing::unknown;
  /// How long it may be kept, from the moment it was asked for; never more than `unlimited`.
  std::chrono::milliseconds ttl = unlimited;
};

/// Where a sidecar listens.
struct AclUrl {
  bool tls = false;
  std::string host{};  ///< without the brackets of an IPv6 address
  std::string port{};
  std::string authority{};  ///< as written: what the Host header says
  std::string path{};       ///< what comes before "/v1"; empty or "/…" without a slash at the end
};

/// http:// or https://, host, optional port and path. The error is a sentence that names the
/// remedy.
[[nodiscard]] std::expected<AclUrl, std::string> parse_acl_url(std::string_view url);

/// The request target for `key` in `group`, whose bytes are percent-encoded but for RFC 3986's
/// unreserved characters.
[[nodiscard]] std::string acl_target(const AclUrl& url, const nostr::PublicKey& key,
                                     std::string_view group);

/// "role" may be missing (a plain member), "ttl" too (no limit of its own); fields we do not know
/// are skipped, a field that is there twice is malformed. The body of a 404 is not looked at.
[[nodiscard]] std::expected<AclAnswer, AclError> read_acl_answer(unsigned status,
                                                                 std::string_view body);

}  // namespace extensions::mls_gateway
