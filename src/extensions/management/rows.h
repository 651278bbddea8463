#pragma once
// The rows that keep the operator's lists: docs/format/management.md.
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_network.h"
#include "nostr/event.h"
#include "nostr/kinds.h"

namespace extensions::management {

/// What a list holds; the letter is part of the rows' keys.
enum class List : char {
  banned_keys = 'b',
  allowed_keys = 'a',
  banned_events = 'e',
  allowed_kinds = 'k',
  disallowed_kinds = 'd',
  blocked_addresses = 'i',
  texts = 't',  ///< what the relay says of itself: "name", "description", "icon"
};

inline constexpr std::string_view rows_prefix = "management/";

/// Below it are the entries of one list.
[[nodiscard]] std::string prefix_of(List list);
/// The key of an entry. Its value is the reason, or the text.
[[nodiscard]] std::string row_key(List list, std::string_view item);

struct Entry {
  List list;
  std::string_view item;  ///< within the key
};
/// nullopt: not a row of this extension.
[[nodiscard]] std::optional<Entry> parse_row_key(std::string_view key);

// Items, as bytes: a key or id is itself.
[[nodiscard]] std::string item_of(nostr::Kind kind);
/// Equal networks, however written, are one item.
[[nodiscard]] std::string item_of(const base::IpNetwork& network);

// The way back; nullopt for bytes that nobody wrote here.
[[nodiscard]] std::optional<base::Bytes32> read_bytes(std::string_view item);
[[nodiscard]] std::optional<nostr::Kind> read_kind(std::string_view item);
[[nodiscard]] std::optional<base::IpNetwork> read_network(std::string_view item);

}  // namespace extensions::management
