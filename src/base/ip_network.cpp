#include "base/ip_network.h"

#include <arpa/inet.h>

#include <charconv>
#include <optional>

namespace base {
namespace {

constexpr std::size_t ipv4_at = 12;  // bytes before an IPv4 address (RFC 4291 §2.5.5.2)

bool is_ipv4(const IpAddress& address) {
  const auto& bytes = address.value.bytes;
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

std::optional<IpAddress> parse_address(const std::string& text) {
  IpAddress address;
  auto& bytes = address.value.bytes;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return address;
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + ipv4_at) != 1) return std::nullopt;
  bytes[10] = bytes[11] = 0xff;
  return address;
}

/// The first `bits` of it, zero behind them.
IpAddress masked(IpAddress address, int bits) {
  for (std::size_t i = 0; i < address.value.bytes.size(); ++i) {
    const int left = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    address.value.bytes[i] &= static_cast<std::uint8_t>(0xff00 >> left);
  }
  return address;
}

std::optional<int> parse_bits(std::string_view text, int most) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && bits >= 0 && bits <= most ? std::optional(bits) : std::nullopt;
}

}  // namespace

std::string to_text(const IpAddress& address) {
  if (address == IpAddress{}) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const auto* bytes = address.value.bytes.data();
  if (is_ipv4(address))
    inet_ntop(AF_INET, bytes + ipv4_at, text, sizeof text);
  else
    inet_ntop(AF_INET6, bytes, text, sizeof text);
  return text;
}

bool IpNetwork::contains(const IpAddress& other) const { return masked(other, bits) == address; }

std::expected<IpNetwork, std::string> parse_ip_network(std::string_view text) {
  constexpr auto remedy =
      "is not an address or network; write for example \"192.0.2.7\", \"192.0.2.0/24\" or "
      "\"2001:db8::/32\"";
  const auto slash = text.find('/');
  const auto address = parse_address(std::string(text.substr(0, slash)));
  if (!address) return std::unexpected(remedy);
  if (slash == text.npos) return IpNetwork{*address, 128};
  const bool ipv4 = is_ipv4(*address);
  const auto bits = parse_bits(text.substr(slash + 1), ipv4 ? 32 : 128);
  if (!bits) return std::unexpected(remedy);
  const int all_bits = *bits + (ipv4 ? 96 : 0);
  return IpNetwork{masked(*address, all_bits), all_bits};
}

}  // namespace base
