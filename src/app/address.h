#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace app {

/// "host:port" as a URL has it, from an address to listen on: brackets around IPv6, whether it has
/// them or not; where it means every address, the loopback one.
[[nodiscard]] std::string url_authority(std::string_view host, std::uint16_t port);

}  // namespace app
