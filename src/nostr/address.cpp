#include "nostr/address.h"

#include <charconv>

namespace nostr {
namespace {

/// Decimal as it is written in an `a` tag: no sign, no leading zero.
std::optional<Kind> parse_kind(std::string_view text) {
  if (text.size() > 1 && text.starts_with('0')) return std::nullopt;
  Kind kind = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), kind);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return kind;
}

}  // namespace

std::optional<Address> address_of(const Event& event) {
  if (is_replaceable(event.kind)) return Address{event.kind, event.pubkey, ""};
  if (!is_addressable(event.kind)) return std::nullopt;
  return Address{event.kind, event.pubkey, std::string(event.tags.first("d").value_or(""))};
}

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == text.npos) return std::nullopt;
  const std::size_t second = text.find(':', first + 1);
  if (second == text.npos) return std::nullopt;

  const auto kind = parse_kind(text.substr(0, first));
  const auto pubkey = base::from_hex<PublicKey>(text.substr(first + 1, second - first - 1));
  const std::string_view d = text.substr(second + 1);
  if (!kind || !pubkey) return std::nullopt;
  const bool names_something = is_addressable(*kind) || (is_replaceable(*kind) && d.empty());
  if (!names_something) return std::nullopt;
  return Address{*kind, *pubkey, std::string(d)};
}

}  // namespace nostr
