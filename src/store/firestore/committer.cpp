#include "store/firestore/committer.h"

#include <algorithm>
#include <utility>

#include "store/fetched/damaged.h"
#include "store/fetched/pause.h"
#include "store/firestore/changes.h"
#include "store/stored_json.h"

namespace store::firestore {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Rules that lack something after so many rounds will never have enough.
constexpr int max_rounds = 40;
constexpr milliseconds first_pause{20}, longest_pause{500};
/// Of a server that has too much to do.
constexpr milliseconds long_pause{500};
/// Firestore takes 10 MiB.
constexpr std::size_t max_request_bytes = 9 << 20;

std::expected<std::optional<Commit>, StoreError> commit_at(const FactReader::Found& found,
                                                           std::uint64_t slot) {
  const auto document = found.find(commit_name(slot));
  if (document == found.end()) return std::nullopt;
  auto commit = commit_in(document->second);
  if (!commit) return std::unexpected(fetched::damaged("a commit"));
  return commit;
}

/// Half of what is left, so that an answer that does not come can be settled.
Deadline half_way_to(Deadline deadline) {
  const auto now = steady_clock::now();
  return now + (deadline - now) / 2;
}

}  // namespace

Committer::Committer(const Client& client, const Names& names, const Checks& checks,
                     std::shared_ptr<Chain> chain, Pace& pace, milliseconds timeout)
    : client_(client),
      names_(names),
      checks_(checks),
      chain_(std::move(chain)),
      timeout_(timeout),
      follower_(client, chain_),
      parser_(limits_of_stored_events()),
      facts_(client, names, parser_, sha256_),
      pace_(pace) {}

Committer::Trouble Committer::raced() {
  return {.error = {StoreError::Code::unavailable, "other instances commit first, again and again"},
          .passing = true,
          .raced = true};
}

bool Committer::sweep_less(const fetched::Changes& changes) {
  if (sweep_limit_ <= 1 || changes.erased.size() <= 1) return false;
  sweep_limit_ = std::min(sweep_limit_, changes.erased.size()) / 2;
  return true;
}

awaitable<std::expected<BatchPtr, StoreError>> Committer::commit(const fetched::Needs& expected,
                                                                 const Rules& rules) {
  deadline_ = steady_clock::now() + timeout_;
  sweep_limit_ = Store::max_vanish_per_commit;
  unanswered_.clear();
  taken_ = 0;
  behind_ = false;
  for (auto most = first_pause;; most = std::min(2 * most, longest_pause)) {
    auto done = co_await attempt(expected, rules);
    if (done) co_return co_await announce(*std::move(done));
    // Who waits for long after a lost race loses the next one.
    if (done.error().raced) most = first_pause;
    const milliseconds wait(std::uniform_int_distribution<std::int64_t>(0, most.count())(random_));
    if (!done.error().passing || steady_clock::now() + wait >= deadline_) {
      StoreError error = std::move(done.error().error);
      if (!unanswered_.empty()) error.code = StoreError::Code::unknown_outcome;
      co_return std::unexpected(std::move(error));
    }
    co_await fetched::pause(wait);
  }
}

Committer::Attempted<Committer::Done> Committer::attempt(const fetched::Needs& expected,
                                                         const Rules& rules) {
  if (!unanswered_.empty()) {
    auto settled = co_await settle();
    if (!settled) co_return std::unexpected(std::move(settled.error()));
    if (*settled) co_return **std::move(settled);
  }
  if (auto up_to_date = co_await get_up_to_date(); !up_to_date)
    co_return std::unexpected(Trouble{std::move(up_to_date.error())});
  fetched::Facts facts;
  auto base = co_await open(expected, facts);
  if (!base) co_return std::unexpected(std::move(base.error()));
  auto done = co_await run(rules, *std::move(base), facts);
  co_return done;
}

awaitable<std::expected<void, StoreError>> Committer::get_up_to_date() {
  if (std::exchange(behind_, false)) {
    if (auto checked = co_await checks_.check(deadline_); !checked)
      co_return std::unexpected(std::move(checked.error()));
  }
  co_return std::expected<void, StoreError>{};
}

Committer::Attempted<std::optional<Committer::Done>> Committer::settle() {
  const std::uint64_t slot = unanswered_.front().commit->slot;
  std::vector<std::string> names(1, commit_name(slot));
  auto got = co_await client_.batch_get(std::move(names), {}, deadline_);
  if (!got) co_return std::unexpected(Trouble{error_of(got.error())});
  auto there = commit_at(got->found, slot);
  if (!there) co_return std::unexpected(Trouble{std::move(there.error())});
  if (!*there) co_return std::nullopt;  // the next attempt is for the same slot
  const auto mine = std::ranges::find_if(
      unanswered_, [&](const Done& done) { return is_same(*done.commit, **there); });
  auto done = mine == unanswered_.end() ? std::nullopt : std::optional(*mine);
  // Their slot is taken: whatever was not answered has happened by now, or never will.
  unanswered_.clear();
  chain_->learn(**std::move(there));
  co_return done;
}

Committer::Attempted<CommitPtr> Committer::open(const fetched::Needs& expected,
                                                fetched::Facts& facts) {
  const auto again = [] { return std::unexpected(raced()); };
  CommitPtr base = chain_->newest();
  // Somebody told the chain of an attempt's slot meanwhile: to be settled first.
  if (!unanswered_.empty() && base->slot >= unanswered_.front().commit->slot) co_return again();
  std::vector<std::string> around;
  if (base->slot > 0) around.push_back(commit_name(base->slot));
  around.push_back(commit_name(base->slot + 1));
  const bool is_taken = taken_ == base->slot + 1;
  if (is_taken) around.push_back(commit_name(base->slot + 2));
  auto found = co_await facts_.read(expected, std::move(around), facts, deadline_);
  if (!found) co_return std::unexpected(Trouble{std::move(found.error())});
  auto same = commit_at(*found, base->slot);
  auto next = commit_at(*found, base->slot + 1);
  if (!same || !next) co_return std::unexpected(Trouble{fetched::damaged("a commit")});
  if (base->slot > 0 && (!*same || !is_same(**same, *base))) {
    auto begun = co_await checks_.begin(deadline_);
    if (!begun) co_return std::unexpected(Trouble{std::move(begun.error())});
    co_return again();
  }
  if (*next) {
    auto later = std::make_shared<const Commit>(**std::move(next));
    chain_->learn(later);
    // That one was there before anything was read.
    behind_ = !is_taken || found->contains(commit_name(later->slot + 1));
    if (behind_) co_return again();
    base = std::move(later);
  }
  tell_vanishing(expected, *base, facts);
  co_return base;
}

Committer::Attempted<Committer::Done> Committer::run(const Rules& rules, CommitPtr base,
                                                     fetched::Facts& facts) {
  for (int round = 0; round < max_rounds; ++round) {
    fetched::FetchedLedger ledger(facts, sha256_, sweep_limit_);
    BatchPtr batch = fetched::numbered(rules(ledger, base->last), base->last);
    const fetched::Needs& lacking = ledger.needs();
    if (lacking.empty() && batch->last == base->last) {
      auto kept = co_await keep(std::move(batch), std::move(base));
      co_return kept;
    }
    if (lacking.empty()) {
      auto written = co_await write(std::move(batch), std::move(base), ledger.changes());
      co_return written;
    }
    if (auto found = co_await facts_.read(lacking, {}, facts, deadline_); !found)
      co_return std::unexpected(Trouble{std::move(found.error())});
    tell_vanishing(lacking, *base, facts);
  }
  co_return std::unexpected(
      Trouble{{StoreError::Code::unavailable, "a decision read on and on; nothing was written"}});
}

/// Nothing is to be written: were the facts of one time?
Committer::Attempted<Committer::Done> Committer::keep(BatchPtr batch, CommitPtr base) {
  auto checked = co_await checks_.check(deadline_);
  if (!checked) co_return std::unexpected(Trouble{std::move(checked.error())});
  if (!unanswered_.empty() || !is_same(*checked->newest, *base)) co_return std::unexpected(raced());
  co_return Done{.batch = std::move(batch), .base = base, .commit = base};
}

Committer::Attempted<Committer::Done> Committer::write(BatchPtr batch, CommitPtr base,
                                                       const fetched::Changes& changes) {
  v1::CommitRequest request;
  for (v1::Write& each : writes_of(changes, names_, sha256_)) request.add_writes()->Swap(&each);
  Done done{.batch = batch,
            .base = base,
            .commit = std::make_shared<const Commit>(commit_behind(*base, *batch, changes))};
  *request.add_writes() = create(commit_document(names_, *done.commit));
  if (request.ByteSizeLong() > max_request_bytes) {
    const bool again = sweep_less(changes);
    co_return std::unexpected(Trouble{
        {StoreError::Code::unavailable, "a change is too large for one commit of Firestore"},
        again});
  }
  // What it has to wait for by its own will is no failure of Firestore.
  deadline_ += co_await pace_.wait_for(static_cast<std::size_t>(request.writes_size()));
  chain_->expect(done.commit->token);
  auto written = co_await client_.commit(std::move(request), half_way_to(deadline_));
  if (written) {
    chain_->learn(done.commit);
    co_return done;
  }
  const Failure& failure = written.error();
  if (failure.code == grpc::StatusCode::ALREADY_EXISTS) {
    taken_ = done.commit->slot;
    co_return std::unexpected(raced());
  }
  if (failure.code == grpc::StatusCode::INVALID_ARGUMENT && sweep_less(changes))
    co_return std::unexpected(Trouble{error_of(failure), true});
  if (may_have_happened(failure)) unanswered_.push_back(std::move(done));
  if (failure.code == grpc::StatusCode::RESOURCE_EXHAUSTED) co_await fetched::pause(long_pause);
  co_return std::unexpected(Trouble{error_of(failure), is_passing(failure)});
}

awaitable<std::expected<BatchPtr, StoreError>> Committer::announce(Done done) {
  for (;;) {
    auto news = co_await follower_.follow(done.base, Follower::Reach::all, deadline_);
    if (news) {
      follower_.set_mark(std::move(done.commit));
      co_return fetched::behind(*std::move(news), std::move(done.batch));
    }
    // It is committed, but cannot be announced in its turn: it will come with the others'.
    if (steady_clock::now() + longest_pause >= deadline_) {
      co_return std::unexpected(
          StoreError{StoreError::Code::unknown_outcome, std::move(news.error().message)});
    }
    co_await fetched::pause(first_pause);
  }
}

awaitable<std::expected<Committer::CaughtUp, StoreError>> Committer::catch_up() {
  const Deadline deadline = steady_clock::now() + timeout_;
  auto newest = co_await checks_.verify(deadline);
  if (!newest) co_return std::unexpected(std::move(newest.error()));
  auto news = co_await follower_.follow(*std::move(newest), Follower::Reach::some, deadline);
  if (!news) co_return std::unexpected(std::move(news.error()));
  const bool more = news->more;
  auto batch = std::make_shared<CommitBatch>();
  batch->last = follower_.mark()->last;
  co_return CaughtUp{.batch = fetched::behind(*std::move(news), std::move(batch)), .more = more};
}

}  // namespace store::firestore
