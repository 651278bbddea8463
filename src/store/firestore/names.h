#pragma once
// Names of documents. A *relative* name is "collection/id"; Firestore's own begins with
// "projects/P/databases/D/documents/". All ids are lowercase hex, so their order is that of the
// bytes.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nostr/event.h"

namespace store::firestore {

inline constexpr std::string_view events_collection = "events", rows_collection = "rows",
                                  tombstones_collection = "tombstones",
                                  commits_collection = "commits";

/// Where a database keeps its documents. A value; thread-safe.
class Names {
 public:
  /// `database`: "(default)" or the id of another one.
  Names(std::string_view project, std::string_view database);

  /// "projects/P/databases/D", for requests.
  [[nodiscard]] const std::string& database() const { return database_; }
  /// "projects/P/databases/D/documents", the parent of queries.
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string full(std::string_view relative) const;
  /// Empty unless `full` lies in this database. Valid as long as `full`.
  [[nodiscard]] std::string_view relative(std::string_view full) const;

 private:
  std::string database_, root_;
};

/// Of any bytes.
[[nodiscard]] std::string hex_of(std::string_view bytes);
/// nullopt unless `hex` is whole bytes of lowercase hex.
[[nodiscard]] std::optional<std::string> bytes_of(std::string_view hex);

// Relative names.
[[nodiscard]] std::string event_name(const nostr::EventId& id);
/// REQUIRES: `key` is not empty.
[[nodiscard]] std::string row_name(std::string_view key);
/// `key`: of store/fetched/facts.h.
[[nodiscard]] std::string tombstone_name(std::string_view key);
/// 16 digits.
[[nodiscard]] std::string commit_name(std::uint64_t slot);

/// The last part of a name, full or relative.
[[nodiscard]] std::string_view id_in(std::string_view name);

}  // namespace store::firestore
