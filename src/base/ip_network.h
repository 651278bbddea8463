#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace base {

/// "192.0.2.1" or "2001:db8::1", as inet_pton(3) reads it; nullopt for anything else.
[[nodiscard]] std::optional<IpAddress> parse_ip_address(std::string_view text);

/// "192.0.2.7", "2001:db8::1"; "" for the address that is not known.
[[nodiscard]] std::string to_text(const IpAddress& address);

/// Whether anyone on the Internet may have it: not loopback, not private (RFC 1918, RFC 4193), shared (RFC 6598),
/// link-local or unknown.
[[nodiscard]] bool is_public(const IpAddress& address);

/// The addresses that share their first `bits` with `address` (CIDR, RFC 4632); of an IPv4 range, the first 96 are those
/// of IPv4-mapped IPv6. A value.
struct IpNetwork {
  IpAddress address{};
  unsigned bits = 128;

  [[nodiscard]] bool contains(const IpAddress& other) const;
  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

/// The same addresses, all other bits of `address` zero: equal networks are equal values.
[[nodiscard]] IpNetwork canonical(IpNetwork network);

/// As parse_ip_network() reads it; a single address without its bits.
[[nodiscard]] std::string cidr_text(const IpNetwork& network);

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". The error says what would do.
[[nodiscard]] std::expected<IpNetwork, std::string> parse_ip_network(std::string_view text);

}  // namespace base
