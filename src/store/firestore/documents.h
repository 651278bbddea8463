#pragma once
// What is stored as documents (docs/format/firestore.md), and back. Pure.
//
// Whoever reads looks at every field: a document that is damaged, or of another kind, is nullopt.
#include <google/firestore/v1/write.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nostr/client_message.h"
#include "store/firestore/names.h"
#include "store/sha256.h"
#include "store/stager.h"
#include "store/vanish.h"

namespace store::firestore {

namespace v1 = google::firestore::v1;

/// New events come in the order of their numbers and times; of each index whose order this is, they
/// are spread over so many ranges, each of which Firestore lets take 500 writes a second.
inline constexpr int shard_count = 8;
[[nodiscard]] inline int shard_of(const nostr::EventId& id) { return id.bytes[0] % shard_count; }

/// Documents of events are read by these fields; the others are there for indexes.
inline constexpr const char* event_fields[] = {"s", "m", "x", "j"};

/// `sha256` hashes tags and the address.
[[nodiscard]] v1::Document event_document(const Names& names, const StoredEvent& stored,
                                          Sha256& sha256);
/// Takes event_fields alone as well. The id in its name and in its JSON have to be the same.
[[nodiscard]] std::optional<StoredEvent> event_in(const v1::Document& document,
                                                  nostr::MessageParser& parser);

/// REQUIRES: the row has a value.
[[nodiscard]] v1::Document row_document(const Names& names, const RowChange& row);
/// Always with a value.
[[nodiscard]] std::optional<RowChange> row_in(const v1::Document& document);

struct TombstoneEntry {
  std::string key;  ///< of store/fetched/facts.h
  base::UnixSeconds until = 0;
};
[[nodiscard]] v1::Document tombstone_document(const Names& names, const TombstoneEntry& tombstone);
[[nodiscard]] std::optional<TombstoneEntry> tombstone_in(const v1::Document& document);

/// One commit of the chain.
struct Commit {
  std::uint64_t slot = 0;
  Seq last = 0;                     ///< the position of this commit
  std::string token{};              ///< random; another one under the same slot is another commit
  base::UnixSeconds at = 0;         ///< by the clock of who committed
  std::uint64_t events = 0;         ///< how many are kept in all
  std::vector<Vanish> vanishing{};  ///< requests to vanish that are still being carried out, all
  std::vector<nostr::EventId> gone{};  ///< events that this commit erased
  std::string body{};                  ///< store/fetched/commit_body.h
};
[[nodiscard]] v1::Document commit_document(const Names& names, const Commit& commit);
[[nodiscard]] std::optional<Commit> commit_in(const v1::Document& document);

/// The whole document, whether one was there or not.
[[nodiscard]] v1::Write put(v1::Document document);
/// The whole document; the request fails with ALREADY_EXISTS when one is there.
[[nodiscard]] v1::Write create(v1::Document document);
/// Of what may be missing. `relative`: as in names.h.
[[nodiscard]] v1::Write erase(const Names& names, std::string_view relative);

}  // namespace store::firestore
