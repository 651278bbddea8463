#include "extensions/management/rows.h"

#include <algorithm>

namespace extensions::management {
namespace {

constexpr std::string_view lists = "baekdit";

std::uint8_t byte(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

}  // namespace

std::string prefix_of(List list) {
  std::string prefix(rows_prefix);
  prefix += static_cast<char>(list);
  return prefix += '/';
}

std::string row_key(List list, std::string_view item) { return prefix_of(list).append(item); }

std::optional<Entry> parse_row_key(std::string_view key) {
  if (!key.starts_with(rows_prefix)) return std::nullopt;
  key.remove_prefix(rows_prefix.size());
  if (key.size() < 3 || key[1] != '/' || !lists.contains(key[0])) return std::nullopt;
  return Entry{.list = static_cast<List>(key[0]), .item = key.substr(2)};
}

std::string item_of(nostr::Kind kind) {
  return {static_cast<char>(kind >> 8), static_cast<char>(kind & 0xff)};
}

std::string item_of(const base::IpNetwork& network) {
  std::string item(base::canonical(network).address.value.view());
  return item += static_cast<char>(network.bits);
}

std::optional<base::Bytes32> read_bytes(std::string_view item) {
  base::Bytes32 bytes;
  if (item.size() != bytes.bytes.size()) return std::nullopt;
  std::ranges::copy(item, bytes.bytes.begin());
  return bytes;
}

std::optional<nostr::Kind> read_kind(std::string_view item) {
  if (item.size() != 2) return std::nullopt;
  return static_cast<nostr::Kind>(byte(item, 0) << 8 | byte(item, 1));
}

std::optional<base::IpNetwork> read_network(std::string_view item) {
  base::IpNetwork network;
  auto& bytes = network.address.value.bytes;
  if (item.size() != bytes.size() + 1 || byte(item, bytes.size()) > 128) return std::nullopt;
  std::ranges::copy(item.substr(0, bytes.size()), bytes.begin());
  network.bits = byte(item, bytes.size());
  return network;
}

}  // namespace extensions::management
