#pragma once
#include <algorithm>

#include "base/bytes.h"

namespace base {

/// An IP address; IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2). All zero: not known, as of a Unix socket.
struct IpAddress {
  FixedBytes<16> value{};

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

  /// What stands for one client where clients are counted: an IPv4 address, the first 64 bits of an IPv6 one, because
  /// whoever has one of those has all.
  [[nodiscard]] IpAddress client() const {
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    IpAddress client = *this;
    if (!std::equal(mapped.begin(), mapped.end(), value.bytes.begin()))
      std::fill(client.value.bytes.begin() + 8, client.value.bytes.end(), std::uint8_t{0});
    return client;
  }
};

}  // namespace base
