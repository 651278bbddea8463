#include "base/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace base {
namespace {

// IPv4 addresses are those below ::ffff:0:0/96 (RFC 4291 §2.5.5.2).
constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned mapped_bits = 96;

bool is_ipv4(const IpAddress& address) {
  return std::equal(mapped.begin(), mapped.end(), address.value.bytes.begin());
}

/// The whole of `text` as a number up to `most`.
std::optional<unsigned> parse_bits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc{} || end != text.data() + text.size() || bits > most) return std::nullopt;
  return bits;
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::string terminated(text);
  IpAddress address;
  auto& bytes = address.value.bytes;
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return address;
  std::ranges::copy(mapped, bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + mapped.size()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  if (address == IpAddress{}) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const auto* bytes = address.value.bytes.data();
  if (is_ipv4(address))
    inet_ntop(AF_INET, bytes + mapped.size(), text, sizeof text);
  else
    inet_ntop(AF_INET6, bytes, text, sizeof text);
  return text;
}

bool is_public(const IpAddress& address) {
  static const std::array networks = {
      *parse_ip_network("::/127"),        *parse_ip_network("fc00::/7"),
      *parse_ip_network("fe80::/10"),     *parse_ip_network("0.0.0.0/8"),
      *parse_ip_network("10.0.0.0/8"),    *parse_ip_network("100.64.0.0/10"),
      *parse_ip_network("127.0.0.0/8"),   *parse_ip_network("169.254.0.0/16"),
      *parse_ip_network("172.16.0.0/12"), *parse_ip_network("192.168.0.0/16")};
  return std::ranges::none_of(networks,
                              [&](const IpNetwork& network) { return network.contains(address); });
}

bool IpNetwork::contains(const IpAddress& other) const {
  const auto& ours = address.value.bytes;
  const auto& theirs = other.value.bytes;
  const std::size_t whole = bits / 8;
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin()))
    return false;
  return bits % 8 == 0 || (ours[whole] ^ theirs[whole]) >> (8 - bits % 8) == 0;
}

std::expected<IpNetwork, std::string> parse_ip_network(std::string_view text) {
  constexpr auto remedy =
      "is not an address or network; write for example \"192.0.2.7\", \"192.0.2.0/24\" or "
      "\"2001:db8::/32\"";
  const auto slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::unexpected(remedy);
  if (slash == text.npos) return IpNetwork{*address, 128};
  const bool v4 = !text.substr(0, slash).contains(':');
  const auto bits = parse_bits(text.substr(slash + 1), v4 ? 32 : 128);
  if (!bits) return std::unexpected(remedy);
  return IpNetwork{*address, v4 ? mapped_bits + *bits : *bits};
}

IpNetwork canonical(IpNetwork network) {
  auto& bytes = network.address.value.bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto kept = std::clamp(static_cast<int>(network.bits) - static_cast<int>(8 * i), 0, 8);
    bytes[i] &= static_cast<std::uint8_t>(0xff00u >> kept);
  }
  return network;
}

std::string cidr_text(const IpNetwork& network) {
  std::string text = network.address == IpAddress{} ? "::" : to_text(network.address);
  if (network.bits == 128) return text;
  const bool v4 = is_ipv4(network.address) && network.bits >= mapped_bits;
  text += '/';
  return text += std::to_string(v4 ? network.bits - mapped_bits : network.bits);
}

}  // namespace base
