#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <span>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/clock_watch.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/published.h"
#include "base/repeated.h"
#include "relay/announcer.h"
#include "relay/extension/extension.h"
#include "relay/extension/store_contact.h"
#include "relay/messages.h"
#include "relay/store_health.h"
#include "store/retention_sweep.h"
#include "store/store.h"

namespace relay {

/// Group commit on one thread of its own: takes everything queued, bounded by count and bytes,
/// commits it once, and tells every worker the outcome in commit order. Also removes, now and then
/// and in slices, what expired and what the rules of retention no longer keep; not while the clock
/// looks wrong. Tells them as well what other instances committed to a store that is shared: with
/// every commit of its own, and whenever there may be news.
///
/// submit() and seek_news() are thread-safe; everything else is called by the owner.
class Writer {
 public:
  Writer(store::Store& store, const store::Stager& stager, const base::Limits& limits,
         base::Clock clock, base::Log log);
  ~Writer();

  /// What to keep for how long. Before start(); `rules` outlives the writer.
  void keep(const base::Published<nostr::Retention>& rules) { retention_ = &rules; }
  /// Who is told of each commit (Phase::observe). Before start(); `observers` outlive the writer.
  void tell(std::vector<const Extension*> observers) { observers_ = std::move(observers); }
  void start(std::size_t workers, Announcer::ToWorker to_worker);
  /// Commits and settles everything that was submitted, then ends the thread. Idempotent.
  void stop();

  /// Whether the store takes writes; while it does not, a small one is tried now and then. Outlives the writer.
  [[nodiscard]] std::shared_ptr<const StoreHealth> health() const { return health_; }
  /// When a shared store was last heard from; null: nobody else writes to it.
  [[nodiscard]] std::shared_ptr<const StoreContact> contact() const { return contact_; }
  /// What other instances committed is looked for soon, and announced.
  void seek_news();
  /// False when the queue is full or stop() was called; the submission is then untouched.
  [[nodiscard]] bool submit(WriterMessage&& message);
  /// Events and operations that are not committed yet, those of the commit under way included. Thread-safe.
  [[nodiscard]] std::size_t queue_depth() const {
    return queue_.size() + taken_.load(std::memory_order_relaxed);
  }

 private:
  void wake();
  boost::asio::awaitable<void> work();
  /// False: nothing was.
  boost::asio::awaitable<bool> do_what_is_due();
  /// Commits a group from the front of `queued`, which is not empty; returns how many it took.
  boost::asio::awaitable<std::size_t> commit_some(std::span<WriterMessage> queued);
  boost::asio::awaitable<void> commit(std::span<WriterMessage> group);
  boost::asio::awaitable<void> perform(std::span<WriterMessage> group);
  boost::asio::awaitable<void> catch_up();
  boost::asio::awaitable<void> purge();
  boost::asio::awaitable<void> purge_expired();
  boost::asio::awaitable<void> sweep();
  [[nodiscard]] bool believes_clock();
  void schedule_purge();
  using Clock = std::chrono::steady_clock;
  // Every call of the store ends in one of these. `begun`: when it was asked.
  void note_failure(const store::StoreError& error);
  void note_commit(const store::CommitBatch& batch, Clock::time_point begun);
  void note_contact(const store::CommitBatch& batch, Clock::time_point begun);
  void schedule_trial();
  boost::asio::awaitable<void> try_store();
  /// Before anyone reads an answer, so that whoever has one finds it counted. Nothing, for a batch
  /// that changed nothing, nor of what other instances did: theirs count it. `batch` null: the
  /// commit that was begun then has failed.
  void tell_observers(std::size_t writes, const store::CommitBatch* batch,
                      Clock::time_point begun) const;

  store::Store& store_;
  const store::Stager& stager_;
  const base::Limits limits_;
  const base::Clock clock_;
  const base::Log log_;
  base::BoundedQueue<WriterMessage> queue_;
  std::atomic<std::size_t> taken_ = 0;  // from the queue, by the writer's thread
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> news_ = false;

  // Owned by the writer's thread.
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer purge_timer_;
  boost::asio::steady_timer trial_timer_;
  Announcer announcer_;
  std::vector<store::Write> writes_;  // scratch
  std::vector<const Extension*> observers_;
  bool working_ = false;
  bool purge_due_ = true;
  bool trial_due_ = false;
  const std::shared_ptr<StoreHealth> health_ = std::make_shared<StoreHealth>();
  const std::shared_ptr<StoreContact> contact_;
  base::Repeated failures_;
  std::optional<store::Seq> last_commit_;
  bool stopping_ = false;
  base::ClockWatch clock_watch_;
  bool believed_clock_ = true;
  const base::Published<nostr::Retention>* retention_ = nullptr;
  std::optional<store::RetentionSweep> sweep_;
  std::shared_ptr<const nostr::Retention> swept_by_;  // the rules of sweep_
  std::chrono::steady_clock::time_point next_sweep_{};
  std::thread thread_;
};

}  // namespace relay
