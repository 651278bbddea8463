#include "store/firestore/parcels.h"

#include <algorithm>

#include "store/fetched/facts.h"
#include "store/fetched/pause.h"
#include "store/fetched/random_token.h"
#include "store/firestore/changes.h"
#include "store/firestore/queries.h"
#include "store/firestore/retry.h"

namespace store::firestore {
namespace {

using boost::asio::awaitable;
using std::chrono::steady_clock;

constexpr std::string_view tombstone_letters = "iav";
/// Of one query; things of unknown size must fill no memory.
constexpr std::size_t most_at_once = 300, likely_bytes = 500;
/// Of one commit. Index entries, which Firestore counts as well, take several times as much.
constexpr std::size_t writes_at_once = 400, bytes_at_once = 1 << 20;

/// Keeps what comes behind a copy's progress apart from commits.
Commit progress_behind(const Commit& before, const Parcel& parcel) {
  Commit progress = before;
  progress.slot = 0;
  if (progress.token.empty()) progress.token = fetched::random_token();
  progress.events += parcel.events.size();
  progress.vanishing.insert(progress.vanishing.end(), parcel.vanishing.begin(),
                            parcel.vanishing.end());
  return progress;
}

Commit commit_of(const Commit& progress, const Parcel& parcel) {
  Commit commit = progress;
  commit.slot = 1;
  commit.last = parcel.last;
  return commit;
}

std::string name_of(const Tombstone& tombstone) {
  return std::string(1, tombstone_letters[static_cast<std::size_t>(tombstone.kind)])
      .append(tombstone.key);
}

fetched::Changes changes_of(const Parcel& parcel) {
  fetched::Changes changes;
  for (const StoredEvent& stored : parcel.events) changes.events.emplace(stored.event->id, stored);
  for (const RowChange& row : parcel.rows) changes.rows.emplace(row.key, row);
  for (const Tombstone& tombstone : parcel.tombstones)
    changes.tombstones.emplace(name_of(tombstone), tombstone.until);
  return changes;
}

/// What makes the parcel's end known: the last of its writes.
std::vector<v1::Write> ending_of(const Parcel& parcel, const Commit& progress, const Names& names) {
  std::vector<v1::Write> writes;
  if (parcel.next) {
    writes.push_back(put(commit_document(names, progress)));
    return writes;
  }
  writes.push_back(erase(names, commit_name(0)));
  if (parcel.last > 0) writes.push_back(put(commit_document(names, commit_of(progress, parcel))));
  return writes;
}

/// In requests that Firestore takes. All writes may be done twice, so that what was not answered is sent again.
std::vector<v1::CommitRequest> requests_of(std::vector<v1::Write> writes) {
  std::vector<v1::CommitRequest> requests;
  std::size_t bytes = 0;
  for (v1::Write& write : writes) {
    const std::size_t size = write.ByteSizeLong();
    const bool fits = !requests.empty() && bytes + size <= bytes_at_once &&
                      static_cast<std::size_t>(requests.back().writes_size()) < writes_at_once;
    if (!fits) {
      requests.emplace_back();
      bytes = 0;
    }
    bytes += size;
    requests.back().add_writes()->Swap(&write);
  }
  return requests;
}

awaitable<std::expected<void, StoreError>> send(const Client& client, v1::CommitRequest request,
                                                Deadline deadline) {
  for (Retry retry(deadline);;) {
    auto sent = co_await client.commit(request, deadline);
    if (sent) co_return std::expected<void, StoreError>{};
    const auto wait = retry.pause_after(sent.error());
    if (!wait) co_return std::unexpected(error_of(sent.error()));
    co_await fetched::pause(*wait);
  }
}

}  // namespace

ParcelReader::ParcelReader(const std::optional<std::string>& after, std::size_t max_bytes,
                           CommitPtr newest, const Names& names)
    : newest_(std::move(newest)), names_(names), max_bytes_(std::max<std::size_t>(1, max_bytes)) {
  parcel_.first = !after;
  parcel_.last = newest_->last;
  if (!after || after->empty()) return;
  part_ = static_cast<std::uint8_t>(std::clamp((*after)[0] - '0', 0, static_cast<int>(events)));
  behind_ = after->substr(1);
  if (part_ == vanishing) take_vanishing();
}

v1::StructuredQuery ParcelReader::next_query() {
  const std::size_t room = (max_bytes_ - std::min(bytes_, max_bytes_)) / likely_bytes;
  asked_ = is_full() ? 1 : std::clamp<std::size_t>(room, 1, most_at_once);
  const auto after = behind_.empty() ? std::nullopt : std::optional(behind_);
  if (part_ == tombstones) return tombstones_behind(names_, after, asked_);
  if (part_ == rows) return rows_below(names_, "", after, asked_);
  return events_behind(behind_.size() == 8 ? read64(behind_) : 0, asked_);
}

bool ParcelReader::take(const std::vector<v1::Document>& found, nostr::MessageParser& parser) {
  for (const v1::Document& document : found) {
    if (is_full()) {
      end_here();
      return true;
    }
    if (!take(document, parser)) return false;
  }
  if (found.size() < asked_) leave_part();
  return true;
}

bool ParcelReader::take(const v1::Document& document, nostr::MessageParser& parser) {
  if (part_ == tombstones) return take_tombstone(document);
  return part_ == rows ? take_row(document) : take_event(document, parser);
}

bool ParcelReader::take_tombstone(const v1::Document& document) {
  auto entry = tombstone_in(document);
  const auto kind =
      entry ? tombstone_letters.find(entry->key.substr(0, 1)) : std::string_view::npos;
  if (!entry || entry->key.empty() || kind == std::string_view::npos) return false;
  parcel_.tombstones.push_back({.kind = static_cast<Tombstone::Kind>(kind),
                                .key = entry->key.substr(1),
                                .until = entry->until});
  took(std::move(entry->key), 80);
  return true;
}

bool ParcelReader::take_row(const v1::Document& document) {
  auto row = row_in(document);
  if (!row) return false;
  took(row->key, row->key.size() + row->value->size());
  parcel_.rows.push_back(*std::move(row));
  return true;
}

bool ParcelReader::take_event(const v1::Document& document, nostr::MessageParser& parser) {
  auto stored = event_in(document, parser);
  if (!stored) return false;
  took(std::string(Key().add64(stored->seq).view()), stored->event->json.size());
  parcel_.events.push_back(*std::move(stored));
  return true;
}

void ParcelReader::take_vanishing() {
  std::vector<Vanish> all = newest_->vanishing;
  std::ranges::sort(all, {}, &Vanish::author);
  for (const Vanish& vanish : all) {
    if (vanish.author.view() <= behind_ && !behind_.empty()) continue;
    if (is_full()) return end_here();
    parcel_.vanishing.push_back(vanish);
    took(std::string(vanish.author.view()), 48);
  }
  leave_part();
}

void ParcelReader::took(std::string place, std::size_t bytes) {
  behind_ = std::move(place);
  place_ = std::to_string(part_).append(behind_);
  bytes_ += bytes;
  begun_ = true;
}

void ParcelReader::leave_part() {
  ++part_;
  behind_.clear();
  done_ = part_ == end;
  if (part_ == vanishing) take_vanishing();
}

void ParcelReader::end_here() {
  parcel_.next = place_;
  done_ = true;
}

awaitable<std::expected<CommitPtr, StoreError>> load(const Client& client, const Names& names,
                                                     const Checks& checks, Pace& pace,
                                                     const Parcel& parcel,
                                                     std::chrono::milliseconds timeout) {
  auto newest = co_await checks.begin(steady_clock::now() + timeout);
  if (!newest) co_return std::unexpected(std::move(newest.error()));
  const bool unfinished = is_unfinished(**newest);
  const bool is_empty = (*newest)->slot == 0 && !(parcel.first && unfinished);
  if (auto refusal = refusal_of(parcel, is_empty ? 0 : 1, unfinished))
    co_return std::unexpected(*std::move(refusal));
  const Commit progress = progress_behind(**newest, parcel);
  Sha256 sha256;
  auto writes = writes_of(changes_of(parcel), names, sha256);
  std::ranges::move(ending_of(parcel, progress, names), std::back_inserter(writes));
  auto requests = requests_of(std::move(writes));
  if (parcel.first && requests.size() > 1) {
    // Until all of it is there, what is there is of no use.
    v1::CommitRequest begun;
    *begun.add_writes() = put(commit_document(names, Commit{.token = progress.token}));
    requests.insert(requests.begin(), std::move(begun));
  }
  for (v1::CommitRequest& request : requests) {
    (void)co_await pace.wait_for(static_cast<std::size_t>(request.writes_size()));
    auto sent = co_await send(client, std::move(request), steady_clock::now() + timeout);
    if (!sent) co_return std::unexpected(std::move(sent.error()));
  }
  co_return co_await checks.begin(steady_clock::now() + timeout);
}

}  // namespace store::firestore
