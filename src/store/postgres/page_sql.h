#pragma once

namespace store::postgres {

/// Where a page's entries are looked up: an index of events, or their ids.
enum class Source { time, kind, author, author_kind, tag, id };

/// The statement of one step of a page (PageReader), newest or oldest first. Lives for good. Parameters:
///   $1, $2  the ranges: keys, numbers or both, as arrays of the same length (author_kind), else one of them
///   $3..$6  bounds of places: from, behind, up to, before
///   $7, $8  entries of one range, entries of all
///   $9      commits up to here        $10  now, in seconds
///   $11     kinds, or NULL            $12  authors, or NULL
/// One row for each entry looked at, or a single one with NULLs:
///   last commit, where the entries of some range end, place, seq, mark, expires_at, json
/// seq is NULL for what the request leaves out.
[[nodiscard]] const char* page_sql(Source source, bool oldest_first);

}  // namespace store::postgres
