#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace base {

/// "192.0.2.7", "2001:db8::1"; "" for the address that is not known.
[[nodiscard]] std::string to_text(const IpAddress& address);

/// Addresses that begin with the same bits (CIDR, RFC 4632). A value.
struct IpNetwork {
  IpAddress address{};  ///< zero behind the first `bits`
  int bits = 128;       ///< of the IPv6 form: 96 more than in IPv4 notation

  [[nodiscard]] bool contains(const IpAddress& other) const;
};

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". The error says what would do.
[[nodiscard]] std::expected<IpNetwork, std::string> parse_ip_network(std::string_view text);

}  // namespace base
