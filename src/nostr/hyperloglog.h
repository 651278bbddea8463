#pragma once
// How many authors a count has, as a sketch that can be merged with those of other relays (NIP-45).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "nostr/filter.h"

namespace nostr {

/// 256 registers, each the longest run of zero bits that a public key showed. A plain value.
class HyperLogLog {
 public:
  /// REQUIRES: offset <= 30. Where in a public key the sketch looks; offset_of() says.
  explicit HyperLogLog(std::size_t offset) : offset_(offset) {}

  /// The offset that every relay derives from this request; nullopt unless it is one filter with one tag attribute of one
  /// value: NIP-45 goes by the order in which the rest was written, which a filter does not keep.
  [[nodiscard]] static std::optional<std::size_t> offset_of(std::span<const Filter> filters);

  /// An author who was added before changes nothing.
  void add(const PublicKey& author);
  /// The registers, 512 characters.
  [[nodiscard]] std::string hex() const;

 private:
  std::size_t offset_;
  std::array<std::uint8_t, 256> registers_{};
};

}  // namespace nostr
