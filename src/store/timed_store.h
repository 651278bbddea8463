#pragma once
#include <chrono>

#include "store/call_observer.h"
#include "store/store.h"

namespace store {

/// Another store, and how long it takes: tells `observer` of every call, failed ones too, with the time until its answer.
///
/// Thread-safety: as Store says where the observer is thread-safe; one that is not gets a TimedStore for each thread. Both
/// `store` and `observer` outlive it.
class TimedStore final : public Store {
 public:
  TimedStore(Store& store, CallObserver& observer) : store_(store), observer_(observer) {}

  [[nodiscard]] boost::asio::awaitable<std::expected<AppendResult, StoreError>> append(
      std::span<const Write> writes, const Stager& stager) override {
    return timed(Call::append, store_.append(writes, stager));
  }
  [[nodiscard]] boost::asio::awaitable<std::expected<Page, StoreError>> query(
      PageRequest request) override {
    return timed(Call::query, store_.query(std::move(request)));
  }
  [[nodiscard]] boost::asio::awaitable<std::expected<StoreInfo, StoreError>> info() override {
    return store_.info();
  }
  [[nodiscard]] boost::asio::awaitable<std::expected<PerformedAll, StoreError>> perform_all(
      std::span<const Operation* const> operations, base::UnixSeconds now,
      const Stager& stager) override {
    return timed(Call::operation, store_.perform_all(operations, now, stager));
  }
  [[nodiscard]] boost::asio::awaitable<std::expected<Purged, StoreError>> purge_expired(
      base::UnixSeconds now, std::size_t max, const Stager& stager) override {
    return timed(Call::purge, store_.purge_expired(now, max, stager));
  }
  [[nodiscard]] bool shared() const override { return store_.shared(); }
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::shared_ptr<const CommitBatch>, StoreError>>
  catch_up() override {
    return store_.catch_up();
  }
  void on_news(std::function<void()> wake) override { store_.on_news(std::move(wake)); }
  [[nodiscard]] boost::asio::awaitable<
      std::expected<std::vector<std::optional<std::string>>, StoreError>>
  get_rows(std::vector<std::string> keys) override {
    return timed(Call::rows, store_.get_rows(std::move(keys)));
  }
  [[nodiscard]] boost::asio::awaitable<std::expected<RowPage, StoreError>> scan_rows(
      std::string prefix, std::optional<std::string> after, std::size_t max) override {
    return timed(Call::rows, store_.scan_rows(std::move(prefix), std::move(after), max));
  }

 private:
  /// `work` begins when it is waited for.
  template <typename Result>
  boost::asio::awaitable<Result> timed(Call call, boost::asio::awaitable<Result> work) {
    const auto begun = std::chrono::steady_clock::now();
    Result result = co_await std::move(work);
    observer_.called(call, std::chrono::steady_clock::now() - begun);
    co_return result;
  }

  Store& store_;
  CallObserver& observer_;
};

}  // namespace store
