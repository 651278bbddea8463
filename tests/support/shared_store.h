#pragma once
// One store in memory, as several instances see it that commit to it.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/memory/memory_store.h"

namespace test {

/// All commits in one order, and what each of them changed. Thread-safe; its views use it.
class SharedStore {
 public:
  class View;

 private:
  using BatchPtr = std::shared_ptr<const store::CommitBatch>;

  std::mutex mutex_;
  store::MemoryStore kept_;
  std::vector<BatchPtr> log_;  // guarded by mutex_
  store::Seq last_ = 0;        // guarded by mutex_
  std::vector<View*> views_;   // made before any thread is
};

/// What one instance has of it; as store::Store says of shared ones, but that nobody is woken now
/// and then.
class SharedStore::View final : public store::Store {
  template <typename T>
  using awaitable = boost::asio::awaitable<T>;

 public:
  explicit View(SharedStore& shared) : shared_(shared) { shared_.views_.push_back(this); }

  // Switches, for any thread.
  std::atomic<bool> news_withheld = false;  ///< nobody is woken; who asks is told
  std::atomic<bool> down = false;           ///< everything but reading fails
  std::atomic<bool> lose_track = false;     ///< at the next call that succeeds, once

  /// As the timer of a real one would.
  void wake() {
    const std::lock_guard lock(wake_mutex_);
    if (wake_) wake_();
  }

  awaitable<std::expected<store::AppendResult, store::StoreError>> append(
      std::span<const store::Write> writes, const store::Stager& stager) override {
    return commit(shared_.kept_.append(writes, stager));
  }
  awaitable<std::expected<PerformedAll, store::StoreError>> perform_all(
      std::span<const store::Operation* const> operations, base::UnixSeconds now,
      const store::Stager& stager) override {
    return commit(shared_.kept_.perform_all(operations, now, stager));
  }
  awaitable<std::expected<Purged, store::StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const store::Stager& stager) override {
    return commit(shared_.kept_.purge_expired(now, max, stager));
  }
  bool shared() const override { return true; }
  awaitable<std::expected<BatchPtr, store::StoreError>> catch_up() override {
    if (down) co_return std::unexpected(failure());
    const std::lock_guard lock(shared_.mutex_);
    store::CommitBatch news;
    news.last = shared_.last_;
    co_return take_news(std::move(news));
  }
  void on_news(std::function<void()> wake) override {
    const std::lock_guard lock(wake_mutex_);
    wake_ = std::move(wake);
  }

  awaitable<std::expected<store::Page, store::StoreError>> query(
      store::PageRequest request) override {
    return shared_.kept_.query(request);
  }
  awaitable<std::expected<store::StoreInfo, store::StoreError>> info() override {
    return shared_.kept_.info();
  }
  awaitable<std::expected<std::vector<std::optional<std::string>>, store::StoreError>> get_rows(
      std::vector<std::string> keys) override {
    return shared_.kept_.get_rows(std::move(keys));
  }
  awaitable<std::expected<store::RowPage, store::StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override {
    return shared_.kept_.scan_rows(std::move(prefix), std::move(after), max);
  }

 private:
  static store::StoreError failure() {
    return {store::StoreError::Code::unavailable, "the server is away"};
  }

  /// `work` finishes without suspending.
  template <typename Result>
  awaitable<std::expected<Result, store::StoreError>> commit(
      awaitable<std::expected<Result, store::StoreError>> work) {
    if (down) co_return std::unexpected(failure());
    auto result = co_await commit_locked(std::move(work));
    for (View* view : shared_.views_)
      if (view != this && !view->news_withheld) view->wake();
    co_return result;
  }

  template <typename Result>
  awaitable<std::expected<Result, store::StoreError>> commit_locked(
      awaitable<std::expected<Result, store::StoreError>> work) {
    const std::lock_guard lock(shared_.mutex_);
    auto result = co_await std::move(work);
    if (!result) co_return result;
    const BatchPtr mine = result->batch;
    result->batch = take_news(*mine);
    if (mine->last > shared_.last_ || !mine->events.empty()) shared_.log_.push_back(mine);
    shared_.last_ = mine->last;
    mark_ = shared_.log_.size();
    co_return result;
  }

  /// REQUIRES: the lock is held.
  BatchPtr take_news(store::CommitBatch batch) {
    const auto& log = shared_.log_;
    batch.lost_track = lose_track.exchange(false);
    if (!batch.lost_track)
      batch.before.assign(log.begin() + static_cast<std::ptrdiff_t>(mark_), log.end());
    mark_ = log.size();
    return std::make_shared<const store::CommitBatch>(std::move(batch));
  }

  SharedStore& shared_;
  std::size_t mark_ = 0;  // guarded by shared_.mutex_
  std::mutex wake_mutex_;
  std::function<void()> wake_;  // guarded by wake_mutex_
};

}  // namespace test
