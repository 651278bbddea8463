#include "store/keys.h"

#include <bit>

namespace store {
namespace {

template <typename Number>
Number to_big_endian(Number number) {
  if constexpr (std::endian::native == std::endian::little) return std::byteswap(number);
  return number;
}

template <typename Number>
std::array<char, sizeof(Number)> bytes_of(Number number) {
  return std::bit_cast<std::array<char, sizeof(Number)>>(to_big_endian(number));
}

template <typename Number>
Number number_in(std::string_view bytes) {
  Number number;
  bytes.copy(reinterpret_cast<char*>(&number), sizeof number);
  return to_big_endian(number);
}

}  // namespace

Key& Key::add16(std::uint16_t number) {
  const auto bytes = bytes_of(number);
  return add({bytes.data(), bytes.size()});
}

Key& Key::add64(std::uint64_t number) {
  const auto bytes = bytes_of(number);
  return add({bytes.data(), bytes.size()});
}

Key& Key::add_place(const Position& position) {
  return add64(~static_cast<std::uint64_t>(position.created_at)).add(position.id.view());
}

std::uint16_t read16(std::string_view bytes) { return number_in<std::uint16_t>(bytes); }
std::uint64_t read64(std::string_view bytes) { return number_in<std::uint64_t>(bytes); }

Position read_place(std::string_view place) {
  Position position;
  position.created_at = static_cast<base::UnixSeconds>(~read64(place));
  std::memcpy(position.id.bytes.data(), place.data() + 8, position.id.bytes.size());
  return position;
}

Key tag_prefix(char letter, std::string_view value, Sha256& sha256) {
  const auto digest = sha256({&letter, 1}, value);
  return Key().add({digest.data(), 16});
}

Key address_key(const nostr::Address& address, Sha256& sha256) {
  const auto digest = sha256(author_kind_prefix(address.pubkey, address.kind).view(), address.d);
  return Key().add({digest.data(), digest.size()});
}

}  // namespace store
