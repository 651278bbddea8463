// What the writer removes by itself, in slices between commits: what expired, and what rules of
// retention do not keep.
#include "relay/writer.h"

namespace relay {
namespace {

constexpr auto purge_interval = std::chrono::seconds(30);
constexpr std::size_t purge_slice = 500;
constexpr auto sweep_interval = std::chrono::minutes(10);

}  // namespace

void Writer::schedule_purge() {
  purge_timer_.expires_after(purge_interval);
  purge_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopping_) return;
    purge_due_ = true;
    wake();
    schedule_purge();
  });
}

boost::asio::awaitable<void> Writer::purge() {
  if (!believes_clock()) co_return;
  co_await purge_expired();
  co_await sweep();
}

bool Writer::believes_clock() {
  const bool believes = clock_watch_.believes(clock_(), std::chrono::steady_clock::now());
  if (!believes && believed_clock_)
    log_->error(
        "the system's clock went ahead by more than an hour: nothing is removed for an hour; see "
        "whether it is right");
  believed_clock_ = believes;
  return believes;
}

boost::asio::awaitable<void> Writer::sweep() {
  const auto now = Clock::now();
  const auto rules = retention_ ? retention_->get() : nullptr;
  if (sweep_ && rules != swept_by_) {  // a reload: nothing more goes by the old rules
    sweep_.reset();
    next_sweep_ = now;
  }
  if (!sweep_ && rules && now >= next_sweep_) {
    sweep_.emplace(*rules);
    swept_by_ = rules;
  }
  if (!sweep_) co_return;
  if (!sweep_->done()) {
    const auto removed = co_await sweep_->step(store_, clock_(), purge_slice, stager_);
    if (!removed) {
      tell_observers(0, nullptr, now);
      note_failure(removed.error());
      sweep_.reset();
      next_sweep_ = now + sweep_interval;
      co_return;
    }
    if (removed->batch) {
      tell_observers(0, removed->batch.get(), now);
      note_commit(*removed->batch, now);
      announcer_.settle(removed->batch);
    }
  }
  if (sweep_->done()) {
    sweep_.reset();
    next_sweep_ = now + sweep_interval;
  } else {
    purge_due_ = true;  // commits waiting meanwhile go first
  }
}

boost::asio::awaitable<void> Writer::purge_expired() {
  const auto begun = Clock::now();
  auto purged = co_await store_.purge_expired(clock_(), purge_slice, stager_);
  tell_observers(0, purged ? purged->batch.get() : nullptr, begun);
  if (!purged) {
    note_failure(purged.error());
    co_return;
  }
  note_commit(*purged->batch, begun);
  announcer_.settle(purged->batch);
  if (purged->removed == purge_slice)
    purge_due_ = true;  // more is left; commits waiting meanwhile go first
}

}  // namespace relay
