#include "store/firestore/follower.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "store/fetched/commit_body.h"
#include "store/fetched/damaged.h"
#include "store/firestore/queries.h"
#include "store/stored_json.h"

namespace store::firestore {
namespace {

using boost::asio::awaitable;
using std::chrono::steady_clock;

constexpr std::uint64_t commits_at_once = 32;
/// Without need for all, what is held in memory at a time; else, more than so much is as being too far behind.
constexpr std::uint64_t max_at_once = 512;
constexpr std::size_t max_bytes_at_once = 64u << 20u, max_bytes_behind = 256u << 20u;
/// Who is further behind, or has not looked for so long, forgets everything and begins anew: that costs less than to read
/// it all, and what is older than a day may have been forgotten by others.
constexpr std::uint64_t max_behind = 10'000;
constexpr auto longest_absence = std::chrono::hours(1);
constexpr std::size_t events_at_once = 1000;

std::unexpected<StoreError> failed(const Failure& failure) {
  return std::unexpected(error_of(failure));
}

/// What later commits erased is of no use to anybody.
void leave_out_gone(std::vector<std::shared_ptr<CommitBatch>>& batches,
                    const std::vector<CommitPtr>& commits) {
  std::unordered_set<nostr::EventId> gone;
  for (std::size_t i = batches.size(); i-- > 0;) {
    std::erase_if(batches[i]->events, [&](const StoredEvent& stored) {
      return stored.seq != 0 && gone.contains(stored.event->id);
    });
    gone.insert(commits[i]->gone.begin(), commits[i]->gone.end());
  }
}

}  // namespace

Follower::Follower(const Client& client, std::shared_ptr<Chain> chain)
    : client_(client), chain_(std::move(chain)), parser_(limits_of_stored_events()) {}

void Follower::set_mark(CommitPtr mark) {
  mark_ = std::move(mark);
  looked_ = steady_clock::now();
  chain_->forget_until(mark_->slot);
}

awaitable<std::expected<News, StoreError>> Follower::follow(CommitPtr up_to, Reach reach,
                                                            Deadline deadline) {
  const bool was_away = steady_clock::now() - looked_ > longest_absence;
  if (!was_away && is_same(*up_to, *mark_)) {
    looked_ = steady_clock::now();
    co_return News{};
  }
  if (was_away || up_to->slot <= mark_->slot || up_to->slot - mark_->slot > max_behind)
    co_return skip(std::move(up_to));
  std::vector<std::shared_ptr<CommitBatch>> batches;
  Commits commits;
  CommitPtr reached = mark_;
  std::size_t bytes = 0;
  do {
    const std::uint64_t to = std::min(reached->slot + commits_at_once, up_to->slot);
    auto read_on = co_await read(reached->slot, to, deadline);
    if (!read_on) co_return std::unexpected(std::move(read_on.error()));
    if (read_on->size() != to - reached->slot + 1 || !is_same(*read_on->front(), *reached))
      co_return skip(std::move(up_to));
    for (std::size_t i = 1; i < read_on->size(); ++i) {
      const CommitPtr& commit = (*read_on)[i];
      auto batch = co_await batch_of(*reached, *commit, deadline);
      if (!batch) co_return std::unexpected(std::move(batch.error()));
      if (!*batch) co_return skip(std::move(up_to));
      batches.push_back(*std::move(batch));
      commits.push_back(commit);
      reached = commit;
      bytes += commit->body.size();
    }
    if (reach == Reach::all && bytes > max_bytes_behind) co_return skip(std::move(up_to));
  } while (reached->slot < up_to->slot &&
           (reach == Reach::all || (commits.size() < max_at_once && bytes < max_bytes_at_once)));
  if (reached->slot == up_to->slot && !is_same(*reached, *up_to)) co_return skip(std::move(up_to));
  leave_out_gone(batches, commits);
  News news{.more = reached->slot < up_to->slot};
  for (auto& batch : batches) news.batches.push_back(std::move(batch));
  set_mark(std::move(reached));
  co_return news;
}

News Follower::skip(CommitPtr up_to) {
  set_mark(std::move(up_to));
  return News{.lost_track = true};
}

awaitable<std::expected<Follower::Commits, StoreError>> Follower::read(std::uint64_t from,
                                                                       std::uint64_t to,
                                                                       Deadline deadline) {
  std::unordered_map<std::uint64_t, CommitPtr> known;
  std::vector<std::string> names;
  for (std::uint64_t slot = from; slot <= to; ++slot) {
    // The first is asked for in any case: to see whether it is still there.
    if (auto kept = slot > from ? chain_->find(slot) : nullptr)
      known.emplace(slot, std::move(kept));
    else if (slot > 0)
      names.push_back(commit_name(slot));
  }
  auto got = co_await client_.batch_get(std::move(names), {}, deadline);
  if (!got) co_return failed(got.error());
  for (const auto& [name, document] : got->found) {
    auto commit = commit_in(document);
    if (!commit) co_return std::unexpected(fetched::damaged("a commit"));
    const std::uint64_t slot = commit->slot;
    known.emplace(slot, std::make_shared<const Commit>(*std::move(commit)));
  }
  if (from == 0) known.emplace(0, std::make_shared<const Commit>());
  Commits commits;
  for (std::uint64_t slot = from; slot <= to && known.contains(slot); ++slot)
    commits.push_back(known[slot]);
  co_return commits;
}

awaitable<std::expected<std::shared_ptr<CommitBatch>, StoreError>> Follower::batch_of(
    const Commit& before, const Commit& commit, Deadline deadline) {
  if (commit.body.empty()) co_return nullptr;
  auto body = fetched::decode_body(commit.body, parser_);
  if (!body) co_return std::unexpected(fetched::damaged("a commit"));
  auto batch = std::make_shared<CommitBatch>();
  batch->events = std::move(body->events);
  batch->changes = std::move(body->changes);
  batch->last = commit.last;
  const auto is_whole = [](const StoredEvent& stored) { return stored.event != nullptr; };
  if (!std::ranges::all_of(batch->events, is_whole)) {
    if (auto added = co_await add_events(before.last, *batch, deadline); !added)
      co_return std::unexpected(std::move(added.error()));
  }
  co_return batch;
}

awaitable<std::expected<void, StoreError>> Follower::add_events(Seq after, CommitBatch& batch,
                                                                Deadline deadline) {
  std::unordered_map<Seq, StoredEvent> events;
  for (Seq read = after; read < batch.last;) {
    auto got = co_await client_.run_query(events_behind(read, events_at_once), {}, deadline);
    if (!got) co_return failed(got.error());
    for (const v1::Document& document : got->documents) {
      auto stored = event_in(document, parser_);
      if (!stored) co_return std::unexpected(fetched::damaged("an event"));
      read = stored->seq;
      events.emplace(read, *std::move(stored));
    }
    if (got->documents.size() < events_at_once) break;
  }
  // What was erased since is of no use to anybody.
  std::erase_if(batch.events, [&](StoredEvent& stored) {
    if (stored.event) return false;
    const auto found = events.find(stored.seq);
    if (found == events.end()) return true;
    stored = std::move(found->second);
    return false;
  });
  co_return std::expected<void, StoreError>{};
}

}  // namespace store::firestore
