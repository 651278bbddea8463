#include "store/firestore/page.h"

#include <algorithm>
#include <iterator>

#include "store/query_order.h"

namespace store::firestore {
namespace {

/// Large events must fill no memory: before their size is known, few are asked for.
constexpr std::size_t first_step = 128, longest_step = 1024;
/// What one page holds at most, give or take a look.
constexpr std::size_t max_page_bytes = 4 << 20;
constexpr std::size_t ids_per_look = 100, queries_per_look = 16;
/// Of many queries each brings so many at first, though few may be wanted: each look costs time.
constexpr std::size_t least_of_many = 2;

Position place_of(const StoredEvent& stored) { return position_of(*stored.event); }

bool is_same(const Position& a, const Position& b) {
  return a.created_at == b.created_at && a.id == b.id;
}

}  // namespace

PageReader::PageReader(const PageRequest& request, Snapshot snapshot, const Names& names,
                       nostr::MessageParser& parser, Sha256& sha256)
    : request_(request),
      snapshot_(std::move(snapshot)),
      names_(names),
      parser_(parser),
      max_events_(std::max<std::size_t>(1, request.max_events)),
      max_scanned_(std::max<std::size_t>(1, request.max_scanned)) {
  page_.snapshot = snapshot_.last;
  if (request.filter.matches_nothing())
    done_ = true;
  else if (!request.filter.ids)
    prepare(sha256);
}

void PageReader::prepare(Sha256& sha256) {
  const auto entries = index_entries(choose_plan(request_.filter, sha256));
  for (std::size_t i = 0; i < entries.size(); i += max_values_per_query) {
    const auto part =
        std::span(entries).subspan(i, std::min(max_values_per_query, entries.size() - i));
    Source& source = sources_.emplace_back();
    source.entries.assign(part.begin(), part.end());
    source.reached = request_.after;
    source.finished = !events_under(names_, source.entries, stretch_behind(source.reached), 1);
  }
  merge();
}

Stretch PageReader::stretch_behind(const std::optional<Position>& place) const {
  return {.since = request_.filter.since,
          .until = request_.filter.until,
          .after = place,
          .oldest_first = request_.oldest_first};
}

bool PageReader::comes_before(const Position& a, const Position& b) const {
  return request_.oldest_first ? QueryOrder{}(b, a) : QueryOrder{}(a, b);
}

bool PageReader::is_shown(const StoredEvent& stored) const {
  if (request_.up_to && stored.seq > *request_.up_to) return false;
  if (expired(stored.expires_at, request_.now)) return false;
  const auto request_of = [this](const nostr::PublicKey& key) -> std::optional<Vanish> {
    const auto found = std::ranges::find(snapshot_.vanishing, key, &Vanish::author);
    return found == snapshot_.vanishing.end() ? std::nullopt : std::optional(*found);
  };
  if (!snapshot_.vanishing.empty() && vanish_over(stored, request_of)) return false;
  return request_.filter.matches(*stored.event);
}

PageReader::Look PageReader::next_look() {
  if (request_.filter.ids) return look_for_ids();
  Look look;
  asked_.clear();
  for (std::size_t i = 0; i < sources_.size() && asked_.size() < queries_per_look; ++i) {
    Source& source = sources_[i];
    if (!source.is_dry()) continue;
    source.limit = limit_of(source);
    look.queries.push_back(
        *events_under(names_, source.entries, stretch_behind(source.reached), source.limit));
    asked_.push_back(i);
  }
  return look;
}

bool PageReader::take(std::span<const std::vector<v1::Document>> results) {
  if (request_.filter.ids) return results.size() == 1 && take_found(results.front());
  if (results.size() != asked_.size()) return false;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!fill(sources_[asked_[i]], results[i])) return false;
  }
  merge();
  return true;
}

PageReader::Look PageReader::look_for_ids() {
  Look look;
  const auto& ids = *request_.filter.ids;
  const std::size_t end = std::min(next_id_ + ids_per_look, ids.size());
  for (; next_id_ < end; ++next_id_) look.names.push_back(event_name(ids[next_id_]));
  return look;
}

bool PageReader::take_found(std::span<const v1::Document> found) {
  for (const v1::Document& document : found) {
    auto stored = event_in(document, parser_);
    if (!stored) return false;
    if (request_.after && !comes_before(*request_.after, place_of(*stored))) continue;
    if (is_shown(*stored)) page_.events.push_back(*std::move(stored));
  }
  keep_first();
  done_ = next_id_ == request_.filter.ids->size();
  return true;
}

void PageReader::keep_first() {
  auto& events = page_.events;
  std::ranges::sort(events, [this](const StoredEvent& a, const StoredEvent& b) {
    return comes_before(place_of(a), place_of(b));
  });
  std::size_t kept = 0, bytes = 0;
  while (kept < std::min(events.size(), max_events_) && bytes < max_page_bytes)
    bytes += events[kept++].event->json.size();
  if (kept == events.size()) return;
  events.resize(kept);
  page_.next = place_of(events.back());
}

/// How many more entries will fill the page, if things go on as they have.
std::size_t PageReader::wanted() const {
  const std::size_t missing = max_events_ - page_.events.size();
  if (scanned_ == 0) return std::min({missing, max_scanned_, first_step});
  const std::size_t found = page_.events.size();
  const std::size_t most = 2 * scanned_, expected = found > 0 ? missing * scanned_ / found : most;
  const std::size_t room = (max_page_bytes - bytes_) / (bytes_ / scanned_ + 1) + 1;
  return std::min(
      {std::max(missing, std::min(expected, most)), max_scanned_ - scanned_, room, longest_step});
}

std::size_t PageReader::limit_of(const Source& source) const {
  if (sources_.size() == 1) return wanted();
  const std::size_t share =
      source.limit > 0 ? 2 * source.limit : std::max(2 * wanted() / sources_.size(), least_of_many);
  return std::min(share, wanted());
}

bool PageReader::fill(Source& source, std::span<const v1::Document> found) {
  source.finished = found.size() < source.limit;
  for (const v1::Document& document : found) {
    auto stored = event_in(document, parser_);
    if (!stored) return false;
    const Position place = place_of(*stored);
    if (source.reached && !comes_before(*source.reached, place)) return false;
    source.reached = place;
    source.waiting.push_back(*std::move(stored));
  }
  return true;
}

void PageReader::merge() {
  while (!done_ && std::ranges::none_of(sources_, &Source::is_dry)) {
    Source* first = nullptr;
    for (Source& source : sources_) {
      if (source.is_over()) continue;
      if (!first ||
          comes_before(place_of(source.waiting.front()), place_of(first->waiting.front())))
        first = &source;
    }
    done_ = !first;
    if (!first) return;
    StoredEvent stored = std::move(first->waiting.front());
    first->waiting.pop_front();
    look_at(std::move(stored));
  }
}

void PageReader::look_at(StoredEvent stored) {
  const Position place = place_of(stored);
  // One event may stand under entries of several queries.
  if (reached_ && is_same(*reached_, place)) return;
  reached_ = place;
  ++scanned_;
  bytes_ += stored.event->json.size();
  if (is_shown(stored)) page_.events.push_back(std::move(stored));
  if (!is_full()) return;
  done_ = true;
  if (!std::ranges::all_of(sources_, &Source::is_over)) page_.next = place;
}

bool PageReader::is_full() const {
  return page_.events.size() >= max_events_ || scanned_ >= max_scanned_ || bytes_ >= max_page_bytes;
}

}  // namespace store::firestore
