#include "store/postgres/query.h"

#include <algorithm>
#include <limits>

#include "store/plan.h"
#include "store/postgres/page_sql.h"

namespace store::postgres {
namespace {

// The first step of a page; most requests want no more.
constexpr std::size_t first_step = 128;
constexpr std::size_t longest_step = 4096;
/// What one page holds at most, give or take a step.
constexpr std::size_t max_page_bytes = 4 << 20;
/// To compare each entry with more of them costs more than to parse those that do not match.
constexpr std::size_t max_compared = 64;
constexpr std::size_t key_bytes = 32;

const std::string beyond_all_places(place_bytes + 1, '\xff');

Source source_of(Index index) {
  switch (index) {
    case Index::time:
      return Source::time;
    case Index::kind:
      return Source::kind;
    case Index::author:
      return Source::author;
    case Index::author_kind:
      return Source::author_kind;
    case Index::tag:
    case Index::recipient:
      return Source::tag;
  }
  return Source::time;
}

/// Splits prefixes into their keys and kinds.
Params ranges_of(const Plan& plan) {
  const bool kinds_alone = plan.index == Index::kind;
  std::vector<std::string_view> keys;
  std::vector<std::int32_t> kinds;
  for (const Key& prefix : plan.prefixes) {
    const auto bytes = prefix.view();
    if (!kinds_alone) keys.push_back(bytes.substr(0, key_bytes));
    if (kinds_alone) kinds.push_back(read16(bytes));
    if (plan.index == Index::author_kind) kinds.push_back(read16(bytes.substr(key_bytes)));
  }
  Params params;
  params.add_byteas(keys);
  params.add_int4s(kinds);
  return params;
}

Params ids_of(const std::vector<nostr::EventId>& ids) {
  std::vector<std::string_view> keys;
  for (const nostr::EventId& id : ids) keys.push_back(id.view());
  Params params;
  params.add_byteas(keys);
  params.add_null(Type::int4_array);
  return params;
}

void add_kinds(Params& params, const nostr::Filter& filter) {
  if (!filter.kinds || filter.kinds->size() > max_compared) {
    params.add_null(Type::int4_array);
    return;
  }
  params.add_int4s(std::vector<std::int32_t>(filter.kinds->begin(), filter.kinds->end()));
}

void add_authors(Params& params, const nostr::Filter& filter) {
  if (!filter.authors || filter.authors->size() > max_compared) {
    params.add_null(Type::bytea_array);
    return;
  }
  std::vector<std::string_view> keys;
  for (const nostr::PublicKey& author : *filter.authors) keys.push_back(author.view());
  params.add_byteas(keys);
}

/// The bounds of places: of the filter's times, and behind what was reached.
void add_bounds(Params& params, const PageRequest& request, const std::string& reached) {
  const auto& [since, until] = std::tie(request.filter.since, request.filter.until);
  const auto time = [](base::UnixSeconds at) {
    return std::string(Key().add64(~static_cast<std::uint64_t>(at)).view());
  };
  const bool before_all = until && *until < 0;
  params.add_bytes(before_all ? beyond_all_places : until ? time(*until) : std::string());
  params.add_bytes(request.oldest_first ? std::string() : reached);
  params.add_bytes(since && *since > 0 ? time(*since).append(key_bytes, '\xff')
                                       : beyond_all_places);
  params.add_bytes(request.oldest_first && !reached.empty() ? reached : beyond_all_places);
}

}  // namespace

PageReader::PageReader(const PageRequest& request, nostr::MessageParser& parser, Sha256& sha256)
    : request_(request),
      parser_(parser),
      step_(std::min({std::max<std::size_t>(1, request.max_events),
                      std::max<std::size_t>(1, request.max_scanned), first_step})),
      each_(step_) {
  if (request.after) reached_ = Key().add_place(*request.after).view();
  const nostr::Filter& filter = request.filter;
  if (filter.ids) {
    sql_ = page_sql(Source::id, request.oldest_first);
    ranges_ = ids_of(*filter.ids);
    return;
  }
  const Plan plan = choose_plan(filter, sha256);
  sql_ = page_sql(source_of(plan.index), request.oldest_first);
  ranges_ = ranges_of(plan);
  // Of many ranges each gives few entries: enough for the page if they are alike.
  range_count_ = plan.prefixes.size();
  if (range_count_ > 1) each_ = std::clamp<std::size_t>(2 * step_ / range_count_, 4, 4 + step_);
}

Call PageReader::next_call() const {
  Params params = ranges_;
  add_bounds(params, request_, reached_);
  constexpr Seq newest = std::numeric_limits<std::int64_t>::max();
  params.add(static_cast<std::int64_t>(each_));
  params.add(static_cast<std::int64_t>(step_));
  // Later steps see what the first one saw: a reader goes on from there with what comes live.
  params.add(static_cast<std::int64_t>(
      std::min(request_.up_to.value_or(newest), snapshot_.value_or(newest))));
  params.add(request_.now);
  add_kinds(params, request_.filter);
  add_authors(params, request_.filter);
  return {.sql = sql_, .params = std::move(params)};
}

bool PageReader::take(Result& result) {
  if (result.rows() == 0) return false;
  page_.seen = static_cast<Seq>(result.int64(0, 0));
  if (!snapshot_) snapshot_ = page_.snapshot = page_.seen;
  std::size_t entries = 0;
  for (std::size_t row = 0; row < result.rows() && !done_ && !result.is_null(row, 2); ++row) {
    if (!take_entry(result, row)) return false;
    ++entries;
  }
  scanned_ += entries;
  if (done_) return result.valid();
  const bool was_cut = !result.is_null(0, 1);
  if (entries < step_) {
    if (was_cut)
      reached_ = result.bytes(0, 1);
    else
      done_ = true;
  }
  if (!done_ && (scanned_ >= request_.max_scanned || bytes_ >= max_page_bytes)) end_at(reached_);
  step_ = std::clamp<std::size_t>(request_.max_scanned - std::min(scanned_, request_.max_scanned),
                                  1, std::min(4 * step_, longest_step));
  each_ = range_count_ == 1 ? step_ : std::min(was_cut ? 4 * each_ : each_, longest_step);
  return result.valid();
}

bool PageReader::take_entry(Result& result, std::size_t row) {
  reached_ = result.bytes(row, 2);
  if (reached_.size() != place_bytes) return false;
  if (result.is_null(row, 3)) return true;
  auto stored = event_in(result, row, 3, parser_);
  if (!stored) return false;
  bytes_ += stored->event->json.size();
  if (!request_.filter.matches(*stored->event)) return true;
  page_.events.push_back(*std::move(stored));
  if (page_.events.size() >= std::max<std::size_t>(1, request_.max_events)) end_at(reached_);
  return true;
}

void PageReader::end_at(std::string_view place) {
  done_ = true;
  page_.next = read_place(place);
}

}  // namespace store::postgres
