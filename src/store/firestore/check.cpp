#include "store/firestore/check.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "store/fetched/damaged.h"
#include "store/firestore/queries.h"

namespace store::firestore {
namespace {

using boost::asio::awaitable;
using Outcome = std::expected<Checks::Checked, StoreError>;

/// How many commits are asked for at once by who is far behind.
constexpr std::uint64_t most_at_once = 32;

std::unexpected<StoreError> failed(const Failure& failure) {
  return std::unexpected(error_of(failure));
}

std::vector<std::string> names_behind(std::uint64_t slot, std::uint64_t count) {
  std::vector<std::string> names;
  for (std::uint64_t i = 1; i <= count; ++i) names.push_back(commit_name(slot + i));
  return names;
}

/// Tells the chain of the commits behind `slot` that were found, and says which they are, in order.
std::expected<std::vector<CommitPtr>, StoreError> learn(Chain& chain, std::uint64_t slot,
                                                        const BatchGot& got) {
  std::vector<CommitPtr> commits;
  for (;;) {
    const auto found = got.found.find(commit_name(slot + commits.size() + 1));
    if (found == got.found.end()) return commits;
    auto commit = commit_in(found->second);
    if (!commit) return std::unexpected(fetched::damaged("a commit"));
    chain.learn(commits.emplace_back(std::make_shared<const Commit>(*std::move(commit))));
  }
}

}  // namespace

/// But for what is const, of the loop's thread. Lives as long as somebody waits, or a look is under way.
struct Checks::State {
  /// A look that has not begun, or is under way.
  struct Look {
    std::optional<Outcome> outcome{};
    std::vector<boost::asio::steady_timer*> waiting{};
  };

  const fetched::Loop::Executor executor;
  const Client& client;
  const std::shared_ptr<Chain> chain;
  const std::chrono::milliseconds patience;
  bool stopped = false;
  bool looking = false;
  std::shared_ptr<Look> next = std::make_shared<Look>();

  static awaitable<Outcome> join(std::shared_ptr<State> self, Deadline deadline);
  static awaitable<void> keep_looking(std::shared_ptr<State> self);
  static awaitable<Outcome> look(std::shared_ptr<State> self, Deadline deadline);
};

awaitable<Outcome> Checks::State::join(std::shared_ptr<State> self, Deadline deadline) {
  const auto look = self->next;
  boost::asio::steady_timer timer(self->executor, deadline);
  look->waiting.push_back(&timer);
  if (!self->looking) {
    self->looking = true;
    boost::asio::co_spawn(self->executor, keep_looking(self), boost::asio::detached);
  }
  boost::system::error_code done;
  if (!look->outcome)
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, done));
  std::erase(look->waiting, &timer);
  if (look->outcome) co_return *look->outcome;
  co_return std::unexpected(
      StoreError{StoreError::Code::unavailable, "Firestore did not answer in time"});
}

awaitable<void> Checks::State::keep_looking(std::shared_ptr<State> self) {
  while (!self->stopped && !self->next->waiting.empty()) {
    const auto current = std::exchange(self->next, std::make_shared<Look>());
    auto outcome = co_await look(self, std::chrono::steady_clock::now() + self->patience);
    current->outcome = std::move(outcome);
    for (auto* waiting : current->waiting) waiting->cancel();
  }
  self->looking = false;
}

awaitable<Outcome> Checks::State::look(std::shared_ptr<State> self, Deadline deadline) {
  std::uint64_t count = 1;
  while (!self->stopped) {
    const CommitPtr newest = self->chain->newest();
    auto got = co_await self->client.batch_get(names_behind(newest->slot, count), {}, deadline);
    if (!got) co_return failed(got.error());
    const auto found = learn(*self->chain, newest->slot, *got);
    if (!found) co_return std::unexpected(found.error());
    if (found->size() < count) {
      co_return Checks::Checked{.newest = found->empty() ? newest : found->back(),
                                .read_time = std::move(got->read_time)};
    }
    count = std::min(4 * count, most_at_once);
  }
  co_return std::unexpected(StoreError{StoreError::Code::unavailable, "the store is closing"});
}

Checks::Checks(fetched::Loop& loop, const Client& client, std::shared_ptr<Chain> chain,
               std::chrono::milliseconds patience)
    : loop_(loop),
      state_(std::make_shared<State>(loop.executor(), client, std::move(chain), patience)) {}

void Checks::stop() {
  loop_.run_now([this] { state_->stopped = true; });
}

awaitable<Outcome> Checks::check(Deadline deadline) const {
  return loop_.run(State::join(state_, deadline));
}

awaitable<std::expected<CommitPtr, StoreError>> Checks::verify(Deadline deadline) const {
  const CommitPtr known = state_->chain->newest();
  auto names = names_behind(known->slot, 1);
  if (known->slot > 0) names.push_back(commit_name(known->slot));
  auto got = co_await state_->client.batch_get(std::move(names), {}, deadline);
  if (!got) co_return failed(got.error());
  if (known->slot > 0) {
    const auto there = got->found.find(commit_name(known->slot));
    const auto commit = there == got->found.end() ? std::nullopt : commit_in(there->second);
    if (!commit || !is_same(*commit, *known)) co_return co_await begin(deadline);
  }
  const auto found = learn(*state_->chain, known->slot, *got);
  if (!found) co_return std::unexpected(found.error());
  if (found->empty()) co_return known;
  auto checked = co_await check(deadline);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  co_return checked->newest;
}

awaitable<std::expected<CommitPtr, StoreError>> Checks::begin(Deadline deadline) const {
  auto got = co_await state_->client.run_query(newest_commit(), {}, deadline);
  if (!got) co_return failed(got.error());
  auto newest = std::make_shared<const Commit>();
  if (!got->documents.empty()) {
    auto commit = commit_in(got->documents.front());
    if (!commit) co_return std::unexpected(fetched::damaged("the newest commit"));
    newest = std::make_shared<const Commit>(*std::move(commit));
  }
  state_->chain->restart(newest);
  co_return newest;
}

}  // namespace store::firestore
