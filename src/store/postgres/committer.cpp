#include "store/postgres/committer.h"

#include <algorithm>

#include "store/fetched/commit_body.h"
#include "store/fetched/pause.h"
#include "store/fetched/random_token.h"
#include "store/postgres/changes.h"
#include "store/postgres/errors.h"
#include "store/postgres/schema.h"
#include "store/stored_json.h"

namespace store::postgres {
namespace {

using boost::asio::awaitable;
using std::chrono::steady_clock;

constexpr const char* newest_commit =
    "SELECT last, token, events FROM commits ORDER BY last DESC LIMIT 1";
constexpr const char* commit_by_token =
    "SELECT EXISTS (SELECT 1 FROM commits WHERE last = $1 AND token = $2)";
constexpr const char* insert_commit =
    "INSERT INTO commits (last, token, events, body) VALUES ($1, $2, $3, $4)";

/// Rules that lack something after so many rounds will never have enough.
constexpr int max_rounds = 40;
constexpr auto first_pause = std::chrono::milliseconds(20),
               longest_pause = std::chrono::milliseconds(500);

Call commit_row(const Mark& mark, std::int64_t events, std::string_view body) {
  Call call{.sql = insert_commit};
  call.params.add(static_cast<std::int64_t>(mark.last));
  call.params.add_bytes(mark.token);
  call.params.add(events);
  call.params.add_bytes(body);
  return call;
}

Call look_for(const Mark& mark) {
  Call call{.sql = commit_by_token};
  call.params.add(static_cast<std::int64_t>(mark.last));
  call.params.add_bytes(mark.token);
  return call;
}

}  // namespace

Committer::Committer(Link& link, std::chrono::milliseconds timeout)
    : link_(link), timeout_(timeout), follower_(link), parser_(limits_of_stored_events()) {}

awaitable<std::expected<BatchPtr, StoreError>> Committer::commit(const fetched::Needs& expected,
                                                                 const Rules& rules) {
  const Deadline deadline = steady_clock::now() + timeout_;
  unanswered_.reset();
  for (auto wait = first_pause;; wait = std::min(2 * wait, longest_pause)) {
    auto done = co_await attempt(expected, rules, deadline);
    if (done) co_return co_await announce(*std::move(done), deadline);
    link_.reset();
    if (!done.error().passing || steady_clock::now() + wait >= deadline) {
      StoreError error = std::move(done.error().error);
      if (unanswered_) error.code = StoreError::Code::unknown_outcome;
      co_return std::unexpected(std::move(error));
    }
    co_await fetched::pause(wait);
  }
}

awaitable<std::expected<Committer::Done, Committer::Trouble>> Committer::attempt(
    const fetched::Needs& expected, const Rules& rules, Deadline deadline) {
  fetched::Facts facts;
  auto opened = co_await open(expected, facts, deadline);
  if (!opened) co_return std::unexpected(std::move(opened.error()));
  if (opened->settled) {
    link_.post({.sql = "ROLLBACK", .simple = true});
    co_return *std::exchange(unanswered_, std::nullopt);
  }
  unanswered_.reset();
  for (int round = 0; round < max_rounds; ++round) {
    fetched::FetchedLedger ledger(facts, sha256_);
    BatchPtr batch = rules(ledger, opened->base.mark.last);
    if (ledger.needs().empty()) {
      auto written = co_await write(std::move(batch), opened->base, ledger.changes(), deadline);
      co_return written;
    }
    if (auto fetched = co_await fetch(ledger.needs(), facts, deadline); !fetched)
      co_return std::unexpected(std::move(fetched.error()));
  }
  co_return std::unexpected(
      Trouble{{StoreError::Code::unavailable, "a decision read on and on; nothing was written"}});
}

awaitable<std::expected<Committer::Opened, Committer::Trouble>> Committer::open(
    const fetched::Needs& expected, fetched::Facts& facts, Deadline deadline) {
  FactCalls fact_calls(expected);
  std::vector<Call> calls;
  calls.push_back({.sql = "BEGIN", .simple = true});
  calls.push_back({.sql = std::string(lock_sql)});
  calls.push_back({.sql = newest_commit});
  if (unanswered_) calls.push_back(look_for(unanswered_->mark));
  const std::size_t head = calls.size();
  std::ranges::move(fact_calls.take_calls(), std::back_inserter(calls));
  auto results = co_await link_.run(std::move(calls), deadline);
  if (!results) co_return std::unexpected(trouble(results.error()));
  Result& newest = (*results)[2];
  if (newest.rows() == 0) co_return std::unexpected(Trouble{damaged("the table of commits")});
  Opened opened{.base = {.mark = mark_in(newest, 0, 0), .events = newest.int64(0, 2)},
                .settled = unanswered_ && (*results)[3].boolean(0, 0)};
  if (!fact_calls.read(std::span(*results).subspan(head), facts, parser_))
    co_return std::unexpected(Trouble{damaged("an event or a row")});
  co_return opened;
}

awaitable<std::expected<void, Committer::Trouble>> Committer::fetch(const fetched::Needs& needs,
                                                                    fetched::Facts& facts,
                                                                    Deadline deadline) {
  FactCalls fact_calls(needs);
  auto results = co_await link_.go_on(fact_calls.take_calls(), deadline);
  if (!results) co_return std::unexpected(trouble(results.error()));
  if (!fact_calls.read(*results, facts, parser_))
    co_return std::unexpected(Trouble{damaged("an event or a row")});
  co_return std::expected<void, Trouble>{};
}

awaitable<std::expected<Committer::Done, Committer::Trouble>> Committer::write(
    BatchPtr batch, const Base& base, const fetched::Changes& changes, Deadline deadline) {
  batch = fetched::numbered(std::move(batch), base.mark.last);
  if (batch->last == base.mark.last) {
    link_.post({.sql = "ROLLBACK", .simple = true});
    co_return Done{.batch = std::move(batch), .base = base.mark, .mark = base.mark};
  }
  const auto is_stored = [&](const StoredEvent& stored) { return fetched::keeps(changes, stored); };
  Done done{.batch = batch, .base = base.mark, .mark = {batch->last, fetched::random_token()}};
  auto calls = calls_of(changes, sha256_);
  calls.push_back(commit_row(done.mark, base.events + fetched::growth(changes),
                             fetched::encode_body(*batch, is_stored)));
  calls.push_back({.sql = "COMMIT", .simple = true});
  auto results = co_await link_.go_on(std::move(calls), deadline);
  if (results) {
    link_.post({.sql = std::string(notify_sql)});
    co_return done;
  }
  if (results.error().fault != Fault::refused) unanswered_ = std::move(done);
  co_return std::unexpected(trouble(results.error()));
}

awaitable<std::expected<BatchPtr, StoreError>> Committer::announce(Done done, Deadline deadline) {
  for (;;) {
    auto news = co_await follower_.follow(done.base, deadline);
    if (news) {
      follower_.set_mark(std::move(done.mark));
      co_return fetched::behind(*std::move(news), std::move(done.batch));
    }
    // It is committed, but cannot be announced in its turn: it will come with the others'.
    link_.reset();
    if (steady_clock::now() + longest_pause >= deadline) {
      co_return std::unexpected(
          StoreError{StoreError::Code::unknown_outcome, std::move(news.error().message)});
    }
    co_await fetched::pause(first_pause);
  }
}

awaitable<std::expected<Committer::CaughtUp, StoreError>> Committer::catch_up() {
  auto news = co_await follower_.follow(std::nullopt, steady_clock::now() + timeout_);
  if (!news) {
    link_.reset();
    co_return std::unexpected(std::move(news.error()));
  }
  const bool more = news->more;
  auto batch = std::make_shared<CommitBatch>();
  batch->last = follower_.mark().last;
  co_return CaughtUp{.batch = fetched::behind(*std::move(news), std::move(batch)), .more = more};
}

Committer::Trouble Committer::trouble(const Failure& failure) {
  return {.error = error_of(failure), .passing = is_passing(failure)};
}

}  // namespace store::postgres
