#include "store/postgres/follower.h"

#include <limits>
#include <unordered_map>
#include <utility>

#include "store/fetched/commit_body.h"
#include "store/postgres/errors.h"
#include "store/stored_json.h"

namespace store::postgres {
namespace {

using boost::asio::awaitable;

constexpr std::int64_t commits_per_page = 64;
constexpr std::int64_t events_per_read = 1000;
constexpr std::int64_t bytes_per_read = 16 << 20;
/// Who is further behind than this many numbers forgets everything and begins anew: that costs less than to read it all.
constexpr Seq max_behind = 20'000;
/// Without a goal, what is held in memory at a time; with one, more than so much is as being too far behind.
constexpr Seq max_at_once = 4'000;
constexpr std::size_t max_bytes_at_once = 64u << 20u, max_bytes_behind = 256u << 20u;
constexpr Seq newest = std::numeric_limits<std::int64_t>::max();

// The mark's own commit stands first, without its body.
constexpr const char* commits_from =
    "SELECT last, token, body, found FROM ("
    "SELECT last, token, CASE WHEN last > $1 THEN body END AS body, count(*) OVER () AS found, "
    "sum(octet_length(body)) OVER (ORDER BY last) - octet_length(body) AS before "
    "FROM (SELECT * FROM commits WHERE last >= $1 AND last <= $2 ORDER BY last LIMIT $3) AS next"
    ") AS page WHERE before < $4 ORDER BY last";
constexpr const char* newest_commit = "SELECT last, token FROM commits ORDER BY last DESC LIMIT 1";
constexpr const char* events_between =
    "SELECT seq, mark, expires_at, json, found FROM ("
    "SELECT *, count(*) OVER () AS found, sum(octet_length(json)) OVER (ORDER BY seq) - "
    "octet_length(json) AS before "
    "FROM (SELECT * FROM events WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3) AS next"
    ") AS page WHERE before < $4 ORDER BY seq";

template <typename... Numbers>
Call call(const char* sql, Numbers... numbers) {
  Call call{.sql = sql};
  (call.params.add(static_cast<std::int64_t>(numbers)), ...);
  return call;
}

std::unexpected<StoreError> failed(const Failure& failure) {
  return std::unexpected(error_of(failure));
}

}  // namespace

Mark mark_in(Result& result, std::size_t row, int column) {
  return {.last = static_cast<Seq>(result.int64(row, column)),
          .token = std::string(result.bytes(row, column + 1))};
}

/// Commits behind a mark.
struct Follower::Page {
  struct Commit {
    Mark mark;
    fetched::CommitBody body;
  };
  bool continues = false;  // the mark is still there
  bool full = false;
  std::vector<Commit> commits{};
  std::size_t bytes = 0;  // of all that was read
};

Follower::Follower(Link& link) : link_(link), parser_(limits_of_stored_events()) {}

awaitable<std::expected<News, StoreError>> Follower::follow(std::optional<Mark> up_to,
                                                            Deadline deadline) {
  if (up_to && *up_to == mark_) co_return News{};
  if (up_to && (up_to->last <= mark_.last || up_to->last - mark_.last > max_behind))
    co_return co_await skip(std::move(up_to), deadline);
  News news;
  Mark reached = mark_;
  std::size_t bytes = 0;
  do {
    auto page = co_await read_page(reached, up_to ? up_to->last : newest, deadline);
    if (!page) co_return std::unexpected(std::move(page.error()));
    if (!page->continues) co_return co_await skip(std::move(up_to), deadline);
    if (auto added = co_await add_events(*page, reached, deadline); !added)
      co_return std::unexpected(std::move(added.error()));
    for (Page::Commit& commit : page->commits) {
      CommitBatch batch;
      batch.events = std::move(commit.body.events);
      batch.changes = std::move(commit.body.changes);
      batch.last = commit.mark.last;
      news.batches.push_back(std::make_shared<const CommitBatch>(std::move(batch)));
      reached = std::move(commit.mark);
    }
    news.more = page->full;
    bytes += page->bytes;
    if (up_to && bytes > max_bytes_behind) co_return co_await skip(std::move(up_to), deadline);
  } while (news.more &&
           (up_to || (reached.last - mark_.last < max_at_once && bytes < max_bytes_at_once)));
  if (up_to && reached != *up_to) co_return co_await skip(std::move(up_to), deadline);
  mark_ = std::move(reached);
  co_return news;
}

awaitable<std::expected<News, StoreError>> Follower::skip(std::optional<Mark> up_to,
                                                          Deadline deadline) {
  if (!up_to) {
    std::vector<Call> calls;
    calls.push_back(call(newest_commit));
    auto results = co_await link_.run(std::move(calls), deadline);
    if (!results) co_return failed(results.error());
    Result& result = results->front();
    if (result.rows() == 0) co_return std::unexpected(damaged("the table of commits"));
    up_to = mark_in(result, 0, 0);
  }
  mark_ = *std::move(up_to);
  co_return News{.lost_track = true};
}

awaitable<std::expected<Follower::Page, StoreError>> Follower::read_page(const Mark& behind,
                                                                         Seq up_to,
                                                                         Deadline deadline) {
  std::vector<Call> calls;
  calls.push_back(call(commits_from, behind.last, up_to, commits_per_page, bytes_per_read));
  auto results = co_await link_.run(std::move(calls), deadline);
  if (!results) co_return failed(results.error());
  Result& result = results->front();
  Page page;
  page.continues = result.rows() > 0 && mark_in(result, 0, 0) == behind;
  const std::int64_t found = result.rows() > 0 ? result.int64(0, 3) : 0;
  page.full = found == commits_per_page || std::cmp_less(result.rows(), found);
  for (std::size_t row = 1; row < result.rows(); ++row) {
    auto body = fetched::decode_body(result.bytes(row, 2), parser_);
    if (!body) co_return std::unexpected(damaged("a commit"));
    page.bytes += result.bytes(row, 2).size();
    page.commits.push_back({mark_in(result, row, 0), *std::move(body)});
  }
  co_return page;
}

awaitable<std::expected<void, StoreError>> Follower::add_events(Page& page, const Mark& behind,
                                                                Deadline deadline) {
  if (page.commits.empty()) co_return std::expected<void, StoreError>{};
  std::unordered_map<Seq, StoredEvent> events;
  const Seq end = page.commits.back().mark.last;
  for (Seq read = behind.last; read < end;) {
    std::vector<Call> calls;
    calls.push_back(call(events_between, read, end, events_per_read, bytes_per_read));
    auto results = co_await link_.run(std::move(calls), deadline);
    if (!results) co_return failed(results.error());
    auto found = events_in(results->front(), parser_);
    if (!found) co_return std::unexpected(damaged("an event"));
    const bool more =
        !found->empty() && (results->front().int64(0, 4) == events_per_read ||
                            std::cmp_less(found->size(), results->front().int64(0, 4)));
    read = more ? found->back().seq : end;
    for (StoredEvent& stored : *found) {
      page.bytes += stored.event->json.size();
      events.emplace(stored.seq, std::move(stored));
    }
  }
  for (Page::Commit& commit : page.commits) {
    // What was deleted or replaced since is of no use to anybody.
    std::erase_if(commit.body.events, [&](StoredEvent& stored) {
      if (stored.event) return false;
      const auto found = events.find(stored.seq);
      if (found == events.end()) return true;
      stored = std::move(found->second);
      return false;
    });
  }
  co_return std::expected<void, StoreError>{};
}

}  // namespace store::postgres
