#pragma once
#include <string_view>

#include "base/ip_network.h"

namespace test {

/// "192.0.2.7" as a client's address.
inline base::IpAddress address(std::string_view text) {
  return base::parse_ip_network(text).value().address;
}

}  // namespace test
