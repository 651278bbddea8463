#pragma once
// The bytes of the keys by which stores find events (docs/format/lmdb.md). Pure.
//
// Numbers are big-endian, so that byte order is number order. A *place* is [~created_at 8][id 32]:
// in ascending byte order places are in query order, so a forward cursor walks newest first, lowest
// id first.
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "nostr/address.h"
#include "nostr/deletion.h"
#include "store/sha256.h"
#include "store/stager.h"
#include "store/store.h"

namespace store {

inline constexpr std::size_t place_bytes = 40;

/// A key built in place; the longest is [author 32][kind 2][place 40].
class Key {
 public:
  Key& add(std::string_view bytes) {
    std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return *this;
  }
  Key& add16(std::uint16_t number);
  Key& add64(std::uint64_t number);
  Key& add_place(const Position& position);

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 80> bytes_;
  std::size_t size_ = 0;
};

[[nodiscard]] std::uint16_t read16(std::string_view bytes);
[[nodiscard]] std::uint64_t read64(std::string_view bytes);
/// REQUIRES: `place` has place_bytes.
[[nodiscard]] Position read_place(std::string_view place);

/// Each index is a database whose keys are [prefix][place] and whose values are sequence numbers.
enum class Index { time, kind, author, author_kind, tag, recipient };
inline constexpr std::size_t index_count = 6;

[[nodiscard]] inline Key kind_prefix(nostr::Kind kind) { return Key().add16(kind); }
[[nodiscard]] inline Key author_prefix(const nostr::PublicKey& author) {
  return Key().add(author.view());
}
[[nodiscard]] inline Key author_kind_prefix(const nostr::PublicKey& author, nostr::Kind kind) {
  return Key().add(author.view()).add16(kind);
}
/// For the gift wraps of who vanishes; `by_tag` would bring up all that ever named them.
[[nodiscard]] inline Key recipient_prefix(const nostr::PublicKey& recipient) {
  return Key().add(recipient.view());
}
/// A hash of 16 bytes, because values may be long. Two values in one range would do no harm:
/// readers check every event against the filter.
[[nodiscard]] Key tag_prefix(char letter, std::string_view value, Sha256& sha256);

[[nodiscard]] Key address_key(const nostr::Address& address, Sha256& sha256);
[[nodiscard]] inline Key buried_key(const nostr::EventId& id, const nostr::PublicKey& signer) {
  return Key().add(id.view()).add(signer.view());
}
[[nodiscard]] inline Key expiry_key(base::UnixSeconds expires_at, Seq seq) {
  return Key().add64(static_cast<std::uint64_t>(expires_at)).add64(seq);
}

/// Calls visit(Index, key) for every index entry of an event. A tag that occurs twice is visited
/// twice.
template <typename Visit>
void visit_index_keys(const nostr::Event& event, Sha256& sha256, Visit&& visit) {
  const Position place{.created_at = event.created_at, .id = event.id};
  visit(Index::time, Key().add_place(place));
  visit(Index::kind, kind_prefix(event.kind).add_place(place));
  visit(Index::author, author_prefix(event.pubkey).add_place(place));
  visit(Index::author_kind, author_kind_prefix(event.pubkey, event.kind).add_place(place));
  for (const nostr::Tag tag : event.tags) {
    if (const char letter = tag.indexed_letter()) {
      visit(Index::tag, tag_prefix(letter, tag.value(), sha256).add_place(place));
    }
  }
  for (const nostr::PublicKey& recipient : nostr::gift_wrap_recipients(event)) {
    visit(Index::recipient, recipient_prefix(recipient).add_place(place));
  }
}

}  // namespace store
