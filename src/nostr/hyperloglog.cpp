#include "nostr/hyperloglog.h"

#include <openssl/sha.h>

#include <algorithm>

#include "nostr/address.h"

namespace nostr {
namespace {

/// The 32 bytes that a tag value stands for: an id or key itself, the key of an address, else its hash.
base::Bytes32 target_of(const std::string& value) {
  if (const auto bytes = base::from_hex<base::Bytes32>(value)) return *bytes;
  if (const auto address = parse_address(value)) return address->pubkey;
  base::Bytes32 hash;
  SHA256(reinterpret_cast<const unsigned char*>(value.data()), value.size(), hash.bytes.data());
  return hash;
}

}  // namespace

std::optional<std::size_t> HyperLogLog::offset_of(std::span<const Filter> filters) {
  if (filters.size() != 1 || filters[0].tags.size() != 1) return std::nullopt;
  const auto& values = filters[0].tags[0].values;
  if (values.size() != 1) return std::nullopt;
  // The character at position 32 of its hex is the high half of byte 16.
  return (target_of(values[0]).bytes[16] >> 4) + 8u;
}

void HyperLogLog::add(const PublicKey& author) {
  auto& highest = registers_[author.bytes[offset_]];
  const auto behind = std::span<const std::uint8_t>(author.bytes).subspan(offset_ + 1);
  const unsigned run = base::leading_zero_bits(behind) + 1;
  highest = std::max(highest, static_cast<std::uint8_t>(run));
}

std::string HyperLogLog::hex() const {
  return base::to_hex(std::span<const std::uint8_t>(registers_));
}

}  // namespace nostr
