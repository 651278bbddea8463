#pragma once
// Every query that is asked of Firestore, so that deploy/cloudrun/firestore.indexes.json can be
// checked against them all. Pure.
//
// A query of events brings event_fields; all others whole documents unless they say otherwise. Each
// costs a read at least.
#include <google/firestore/v1/query.pb.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/fetched/facts.h"
#include "store/firestore/names.h"
#include "store/plan.h"

namespace store::firestore {

namespace v1 = google::firestore::v1;

/// Firestore's limit on the values of IN and ARRAY_CONTAINS_ANY.
inline constexpr std::size_t max_values_per_query = 30;

/// What the field `i` of an event holds: its index entries, sorted, unique.
[[nodiscard]] std::vector<std::string> index_entries(const nostr::Event& event, Sha256& sha256);
/// The entries under which all events of a plan are found.
[[nodiscard]] std::vector<std::string> index_entries(const Plan& plan);

/// A part of the order of all events.
struct Stretch {
  std::optional<base::UnixSeconds> since{}, until{};  ///< inclusive
  std::optional<Position> after{};                    ///< strictly behind this place
  bool oldest_first = false;                          ///< `after` and the results go backwards
};

/// Events under any of these entries, in query order. None: nothing can be there.
/// REQUIRES: 1 to max_values_per_query entries.
[[nodiscard]] std::optional<v1::StructuredQuery> events_under(const Names& names,
                                                              std::span<const std::string> entries,
                                                              const Stretch& stretch,
                                                              std::size_t limit);
/// What a request to vanish may cover, in query order: the reader leaves out what came after the
/// request (s >= key.seq).
[[nodiscard]] std::optional<v1::StructuredQuery> events_left(const Names& names,
                                                             const fetched::LeftKey& key,
                                                             const std::optional<Position>& after,
                                                             std::size_t limit);
/// Those that stand at these addresses, one each at most, in no order.
/// REQUIRES: 1 to max_values_per_query keys (store/keys.h).
[[nodiscard]] v1::StructuredQuery events_at(std::span<const std::string> address_keys);
/// The longest expired first, then by number.
[[nodiscard]] v1::StructuredQuery events_expired(base::UnixSeconds now, std::size_t limit);
/// With greater numbers than `after`, ascending: to dump them.
[[nodiscard]] v1::StructuredQuery events_behind(Seq after, std::size_t limit);

/// Rows whose key begins with `prefix`, strictly after the key `after`, in key order; without a
/// prefix all of them.
[[nodiscard]] v1::StructuredQuery rows_below(const Names& names, std::string_view prefix,
                                             const std::optional<std::string>& after,
                                             std::size_t limit);
/// To count them.
[[nodiscard]] v1::StructuredQuery all_rows();
/// The longest expired first, then by key.
[[nodiscard]] v1::StructuredQuery rows_expired(base::UnixSeconds now, std::size_t limit);
/// Behind the key `after`, in key order: to dump them.
[[nodiscard]] v1::StructuredQuery tombstones_behind(const Names& names,
                                                    const std::optional<std::string>& after,
                                                    std::size_t limit);

[[nodiscard]] v1::StructuredQuery newest_commit();
/// In order, all of them: for Listen.
[[nodiscard]] v1::StructuredQuery commits_behind(std::uint64_t slot);
/// Made before that time, by the clocks of who made them; their names alone. The newest may be
/// among them.
[[nodiscard]] v1::StructuredQuery commits_before(base::UnixSeconds time, std::size_t limit);

}  // namespace store::firestore
