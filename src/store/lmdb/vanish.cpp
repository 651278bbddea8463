#include "store/lmdb/vanish.h"

namespace store::lmdb {
namespace {

constexpr std::size_t key_bytes = sizeof(nostr::PublicKey::bytes);

/// Numbers before the request's from `start` on in the range of `prefix`.
std::vector<Seq> numbers_in(Txn& txn, MDB_dbi index, const Key& prefix, const Key& start,
                            const Vanish& vanish, std::size_t max) {
  std::vector<Seq> found;
  Cursor cursor(txn, index);
  for (bool more = cursor.seek(start.view());
       more && found.size() < max && cursor.key().starts_with(prefix.view());
       more = cursor.next()) {
    const Seq seq = read_seq(txn, cursor.value());
    if (seq < vanish.seq) found.push_back(seq);
  }
  return found;
}

}  // namespace

/// An entry is author 32 -> [until 8][seq 8].
std::optional<Vanish> read_vanish(Txn& txn, std::string_view author, std::string_view value) {
  if (author.size() != key_bytes || value.size() != 16) {
    txn.fail_corrupt();
    return std::nullopt;
  }
  Vanish vanish{.until = static_cast<base::UnixSeconds>(read64(value)),
                .seq = read64(value.substr(8))};
  std::memcpy(vanish.author.bytes.data(), author.data(), key_bytes);
  return vanish;
}

bool any_vanishing(Txn& txn, const Databases& databases) {
  return Cursor(txn, databases.vanishing).first();
}

std::optional<Vanish> vanishing(Txn& txn, const Databases& databases,
                                const nostr::PublicKey& author) {
  const auto value = txn.get(databases.vanishing, author.view());
  return value ? read_vanish(txn, author.view(), *value) : std::nullopt;
}

std::optional<Vanish> next_vanishing(Txn& txn, const Databases& databases) {
  Cursor cursor(txn, databases.vanishing);
  return cursor.first() ? read_vanish(txn, cursor.key(), cursor.value()) : std::nullopt;
}

void put_vanishing(Txn& txn, const Databases& databases, const Vanish& vanish) {
  txn.put(databases.vanishing, vanish.author.view(),
          Key().add64(static_cast<std::uint64_t>(vanish.until)).add64(vanish.seq).view());
}

std::vector<Seq> left_of(Txn& txn, const Databases& databases, const Vanish& vanish,
                         std::size_t max) {
  const Key author = author_prefix(vanish.author);
  const Key newest = Key(author).add_place({.created_at = vanish.until, .id = {}});
  auto found = numbers_in(txn, databases.index(Index::author), author, newest, vanish, max);
  if (!found.empty()) return found;
  const Key recipient = recipient_prefix(vanish.author);
  return numbers_in(txn, databases.index(Index::recipient), recipient, recipient, vanish, max);
}

}  // namespace store::lmdb
