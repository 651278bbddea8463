#pragma once
#include <optional>
#include <string_view>

#include "base/ip_address.h"

namespace base {

/// "192.0.2.1" or "2001:db8::1", as inet_pton(3) reads it; nullopt for anything else.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);

/// The addresses that share their first `bits` with `address` (CIDR, RFC 4632); of an IPv4 range, the first 96 are those
/// of IPv4-mapped IPv6.
struct IpNetwork {
  IpAddress address{};
  unsigned bits = 128;

  [[nodiscard]] bool contains(const IpAddress& other) const;
};

/// "10.0.0.0/8", "2001:db8::/32", or a single address.
[[nodiscard]] std::optional<IpNetwork> parse_ip_network(std::string_view text);

/// Whether anyone on the Internet may have it: not loopback, not private (RFC 1918, RFC 4193), shared (RFC 6598),
/// link-local or unknown.
[[nodiscard]] bool is_public(const IpAddress& address);

}  // namespace base
