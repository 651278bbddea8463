#include "net/trusted_proxies.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>

namespace net {
namespace {

using base::IpAddress;
using std::string_view;

string_view trimmed(string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The parts of `text` between `separator`s; empty parts are left out (RFC 9110 §5.6.1). `quotes`: separators inside quotes
/// do not count.
std::vector<string_view> split(string_view text, char separator, bool quotes) {
  std::vector<string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (quotes && i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || text[i] != separator)) continue;
    if (const auto part = trimmed(text.substr(begin, i - begin)); !part.empty())
      parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

/// An address as proxies write it: alone, with a port, in brackets, in quotes (RFC 7239 §6).
std::optional<IpAddress> parse_node(string_view node) {
  if (node.size() >= 2 && node.front() == '"' && node.back() == '"')
    node = node.substr(1, node.size() - 2);
  if (node.starts_with('[')) {
    const auto end = node.find(']');
    return end == node.npos ? std::nullopt : base::parse_ip_address(node.substr(1, end - 1));
  }
  if (std::ranges::count(node, ':') == 1) node = node.substr(0, node.find(':'));
  return base::parse_ip_address(node);
}

bool starts_with_for(string_view pair) {
  return pair.size() > 4 && (pair[0] | 0x20) == 'f' && (pair[1] | 0x20) == 'o' &&
         (pair[2] | 0x20) == 'r' && pair[3] == '=';
}

/// The `for` of an element of Forwarded, "" if it has none.
string_view forwarded_for(string_view element) {
  for (const auto pair : split(element, ';', true))
    if (starts_with_for(pair)) return pair.substr(4);
  return {};
}

/// The elements of all headers of this name: each proxy may have added a line of its own. Only Forwarded has quotes: what a
/// client writes before a proxy adds to it must not swallow that. nullopt: a quote does not end.
std::optional<std::vector<string_view>> elements_of(const relay::HttpRequest& request,
                                                    string_view name) {
  const bool quotes = name == "forwarded";
  std::vector<string_view> elements;
  for (const auto& [key, value] : request.headers) {
    if (key != name) continue;
    if (quotes && std::ranges::count(value, '"') % 2 != 0) return std::nullopt;
    std::ranges::copy(split(value, ',', quotes), std::back_inserter(elements));
  }
  return elements;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& entries)
    : unix_(std::ranges::find(entries, "unix") != entries.end()) {
  for (const auto& entry : entries)
    if (const auto network = base::parse_ip_network(entry)) networks_.push_back(*network);
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::ranges::any_of(
      networks_, [&](const base::IpNetwork& network) { return network.contains(address); });
}

bool TrustedProxies::trusts(const Peer& peer) const {
  return peer.local ? unix_ : trusts(peer.address);
}

std::optional<IpAddress> TrustedProxies::client_of(const Peer& peer,
                                                   const relay::HttpRequest& request) const {
  if (!trusts(peer)) return peer.address;
  std::optional<IpAddress> client, inner;
  for (const string_view name : {"forwarded", "x-forwarded-for", "x-real-ip"}) {
    const auto named = farthest(request, name);
    if (!named) return std::nullopt;
    if (*named && !trusts(**named)) {
      if (client && *client != **named) return std::nullopt;
      client = *named;
    } else if (!inner) {
      inner = *named;
    }
  }
  return client.value_or(inner.value_or(peer.address));
}

auto TrustedProxies::farthest(const relay::HttpRequest& request, string_view name) const
    -> std::expected<std::optional<IpAddress>, Unreadable> {
  const auto elements = elements_of(request, name);
  if (!elements) return std::unexpected(Unreadable{});
  std::optional<IpAddress> named;
  for (const auto element : *elements | std::views::reverse) {
    named = parse_node(name == "forwarded" ? forwarded_for(element) : element);
    if (!named) return std::unexpected(Unreadable{});
    if (!trusts(*named)) break;
  }
  return named;
}

}  // namespace net
