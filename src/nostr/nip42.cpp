#include "nostr/nip42.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "nostr/kinds.h"

namespace nostr {
namespace {

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "ws" || scheme == "http") return 80;
  if (scheme == "wss" || scheme == "https") return 443;
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// Where the host ends in "host", "host:port" or "[v6]:port"; npos if a bracket is not closed.
std::size_t host_end(std::string_view authority) {
  if (!authority.starts_with('[')) return std::min(authority.find(':'), authority.size());
  const std::size_t bracket = authority.find(']');
  return bracket == authority.npos ? bracket : bracket + 1;
}

std::string normal_path(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

bool is_accepted(const RelayUrl& url, const std::vector<std::string>& accepted) {
  return std::ranges::any_of(accepted,
                             [&](const std::string& text) { return parse_relay_url(text) == url; });
}

}  // namespace

std::string url_scheme(std::string_view text) {
  const std::size_t end = text.find("://");
  return end == text.npos ? std::string() : lowered(text.substr(0, end));
}

std::optional<RelayUrl> parse_relay_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == text.npos) return std::nullopt;
  auto port = default_port(url_scheme(text));
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t end = host_end(authority);
  if (!port || end == authority.npos || authority.find('@') != authority.npos) return std::nullopt;

  std::string host = lowered(authority.substr(0, end));
  if (host.ends_with('.')) host.pop_back();
  if (host.empty() || host == "[]") return std::nullopt;
  if (const std::string_view after = authority.substr(end); !after.empty()) {
    if (!after.starts_with(':')) return std::nullopt;
    port = parse_port(after.substr(1));
    if (!port) return std::nullopt;
  }
  return RelayUrl{std::move(host), *port, normal_path(rest.substr(authority.size()))};
}

std::expected<void, std::string> check_auth_event(const Event& event, std::string_view challenge,
                                                  base::UnixSeconds now,
                                                  const std::vector<std::string>& accepted) {
  if (event.kind != kind::client_auth)
    return std::unexpected("invalid: an AUTH event has kind 22242");
  // Two comparisons: a difference could overflow.
  if (event.created_at < now - auth_max_age_s || event.created_at > now + auth_max_age_s)
    return std::unexpected(fmt::format(
        "invalid: created_at must be within {} seconds of now; check the clock", auth_max_age_s));
  if (event.tags.first("challenge") != challenge)
    return std::unexpected("invalid: the challenge tag is not the challenge of this connection");
  const auto relay = event.tags.first("relay");
  if (!relay) return std::unexpected("invalid: the relay tag is missing");
  const auto url = parse_relay_url(*relay);
  if (!url || !is_accepted(*url, accepted))
    return std::unexpected(fmt::format(
        "invalid: relay tag does not name this relay; use one of: {}", fmt::join(accepted, ", ")));
  return {};
}

}  // namespace nostr
