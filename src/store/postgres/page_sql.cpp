#include "store/postgres/page_sql.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace store::postgres {
namespace {

constexpr std::size_t source_count = 6;

struct Direction {
  const char* order;    // of places
  const char* reached;  // by whoever goes that way
  const char* farthest;
};
constexpr Direction newest_first{"ASC", "<=", "$5"}, oldest_first{"DESC", ">=", "$3"};

/// The entries of one range, numbered from 1.
std::string range(const char* table, const char* condition, const Direction& direction) {
  return fmt::format(
      "SELECT place, seq, row_number() OVER (ORDER BY place {1}) AS n FROM {0} "
      "WHERE {2} AND place >= $3 AND place > $4 AND place <= $5 AND place < $6 "
      "ORDER BY place {1} LIMIT $7",
      table, direction.order, condition);
}

/// The entries of each of many ranges.
std::string ranges(const char* keys, const char* table, const char* condition,
                   const Direction& direction) {
  return fmt::format("SELECT x.* FROM unnest({}) CROSS JOIN LATERAL ({}) AS x", keys,
                     range(table, condition, direction));
}

std::string entries(Source source, const Direction& direction) {
  switch (source) {
    case Source::time:
      return range("events", "true", direction);
    case Source::kind:
      return ranges("$2::int4[]) AS r (kind", "events", "events.kind = r.kind", direction);
    case Source::author:
      return ranges("$1::bytea[]) AS r (key", "events", "events.pubkey = r.key", direction);
    case Source::author_kind:
      return ranges("$1::bytea[], $2::int4[]) AS r (key, kind", "events",
                    "events.pubkey = r.key AND events.kind = r.kind", direction);
    case Source::tag:
      return ranges("$1::bytea[]) AS r (key", "event_tags", "event_tags.tag = r.key", direction);
    case Source::id:
      return range("events", "events.id = ANY($1::bytea[])", direction);
  }
  return {};
}

/// An event may stand in several ranges. Up to the place where the first of those ranges ends that were cut off, all
/// ranges together are whole.
std::string text(Source source, const Direction& direction) {
  return fmt::format(
      R"(WITH entries AS MATERIALIZED ({0}),
 cut AS (SELECT place FROM entries WHERE n = $7 ORDER BY place {1} LIMIT 1),
 page AS (SELECT DISTINCT place, seq FROM entries
          WHERE place {2} coalesce((SELECT place FROM cut), {3}) ORDER BY place {1} LIMIT $8)
SELECT (SELECT last FROM commits ORDER BY last DESC LIMIT 1), (SELECT place FROM cut),
       page.place, e.seq, e.mark, e.expires_at, e.json
FROM (SELECT 1) AS always LEFT JOIN page ON true
LEFT JOIN events e ON e.seq = page.seq AND e.seq <= $9
  AND (e.expires_at IS NULL OR e.expires_at > $10)
  AND ($11::int4[] IS NULL OR e.kind = ANY($11::int4[]))
  AND ($12::bytea[] IS NULL OR e.pubkey = ANY($12::bytea[]))
  AND (NOT EXISTS (SELECT 1 FROM vanishing) OR NOT EXISTS (
    SELECT 1 FROM vanishing v WHERE e.seq < v.seq AND (
      (v.author = e.pubkey AND e.place >= v.place) OR
      EXISTS (SELECT 1 FROM event_tags t WHERE t.tag = v.author AND t.place = e.place))))
ORDER BY page.place {1})",
      entries(source, direction), direction.order, direction.reached, direction.farthest);
}

}  // namespace

const char* page_sql(Source source, bool oldest) {
  static const auto texts = [] {
    std::array<std::array<std::string, 2>, source_count> all;
    for (std::size_t i = 0; i < source_count; ++i) {
      all[i] = {text(static_cast<Source>(i), newest_first),
                text(static_cast<Source>(i), oldest_first)};
    }
    return all;
  }();
  return texts[static_cast<std::size_t>(source)][oldest ? 1 : 0].c_str();
}

}  // namespace store::postgres
