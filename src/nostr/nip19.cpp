#include "nostr/nip19.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <vector>

namespace nostr {
namespace {

// Bech32 (BIP-173), which Debian has no library for.
constexpr std::string_view charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t checksum_groups = 6;

/// The checksum register after one more 5-bit group.
std::uint32_t next_checksum(std::uint32_t checksum, std::uint32_t group) {
  constexpr std::array<std::uint32_t, 5> generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                      0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = checksum >> 25;
  checksum = (checksum & 0x1ffffff) << 5 ^ group;
  for (std::size_t i = 0; i < generator.size(); ++i)
    if (top >> i & 1) checksum ^= generator[i];
  return checksum;
}

/// The register after the prefix and all groups.
std::uint32_t checksum_of(std::string_view hrp, std::span<const std::uint8_t> groups) {
  std::uint32_t checksum = 1;
  for (const char c : hrp) checksum = next_checksum(checksum, static_cast<std::uint8_t>(c) >> 5);
  checksum = next_checksum(checksum, 0);
  for (const char c : hrp) checksum = next_checksum(checksum, c & 31);
  for (const std::uint8_t group : groups) checksum = next_checksum(checksum, group);
  return checksum;
}

std::optional<std::vector<std::uint8_t>> parse_groups(std::string_view text) {
  std::vector<std::uint8_t> groups;
  for (const char c : text) {
    const std::size_t group = charset.find(c);
    if (group == charset.npos) return std::nullopt;
    groups.push_back(static_cast<std::uint8_t>(group));
  }
  return groups;
}

/// 52 groups of five bits: 32 bytes and four bits of padding, which must be zero.
std::optional<base::Bytes32> key_of_groups(std::span<const std::uint8_t> groups) {
  base::Bytes32 key;
  if (groups.size() != 52) return std::nullopt;
  std::uint32_t bits = 0, count = 0;
  std::size_t written = 0;
  for (const std::uint8_t group : groups) {
    bits = (bits << 5 | group) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    key.bytes[written++] = static_cast<std::uint8_t>(bits >> count);
  }
  if (bits & 0xf) return std::nullopt;
  return key;
}

/// 32 bytes as 52 groups of five bits, the last four of which are zero.
std::vector<std::uint8_t> groups_of_key(const PublicKey& key) {
  std::vector<std::uint8_t> groups;
  std::uint32_t bits = 0, count = 0;
  for (const std::uint8_t byte : key.bytes) {
    bits = (bits << 8 | byte) & 0xfff;
    for (count += 8; count >= 5; count -= 5)
      groups.push_back(static_cast<std::uint8_t>(bits >> (count - 5) & 31));
  }
  groups.push_back(static_cast<std::uint8_t>(bits << (5 - count) & 31));
  return groups;
}

}  // namespace

std::optional<base::Bytes32> decode_bech32(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || !text.substr(prefix.size()).starts_with('1'))
    return std::nullopt;
  const auto groups = parse_groups(text.substr(prefix.size() + 1));
  if (!groups || groups->size() < checksum_groups || checksum_of(prefix, *groups) != 1)
    return std::nullopt;
  return key_of_groups(std::span(*groups).first(groups->size() - checksum_groups));
}

std::expected<PublicKey, std::string> parse_public_key(std::string_view text) {
  if (text.starts_with("nsec1") || text.starts_with("ncryptsec1"))
    return std::unexpected(
        "this is a SECRET key: remove it from here, treat it as exposed, and give the public key "
        "(npub1… or 64 lowercase hex characters)");
  if (text.starts_with("npub1")) {
    if (const auto key = decode_bech32("npub", text)) return *key;
    return std::unexpected("this npub1… has a wrong letter or length; copy it again");
  }
  if (const auto key = base::from_hex<PublicKey>(text)) return *key;
  return std::unexpected("not a public key; write it as npub1… or as 64 lowercase hex characters");
}

std::string npub(const PublicKey& key) {
  constexpr std::string_view hrp = "npub";
  auto groups = groups_of_key(key);
  const std::size_t length = groups.size();
  groups.resize(length + checksum_groups);
  const std::uint32_t checksum = checksum_of(hrp, groups) ^ 1;
  for (std::size_t i = 0; i < checksum_groups; ++i)
    groups[length + i] = static_cast<std::uint8_t>(checksum >> 5 * (checksum_groups - 1 - i) & 31);
  std::string text(hrp);
  text += '1';
  for (const std::uint8_t group : groups) text += charset[group];
  return text;
}

}  // namespace nostr
