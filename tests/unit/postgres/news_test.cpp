#include "store/postgres/news.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "store/fetched/loop.h"
#include "unit/postgres/on_server.h"

namespace {

using store::fetched::Loop;
using store::postgres::NewsListener;
using namespace test;
using namespace std::chrono_literals;

/// Counts calls of wake().
class PostgresNews : public testing::Test {
 protected:
  ~PostgresNews() override {
    loop_.run_now([this] { listener_->stop(); });
  }

  void listen(std::chrono::milliseconds interval) {
    NewsListener::Options options{.conninfo = postgres_url() + "&application_name=" + name(),
                                  .channel = name(),
                                  .interval = interval};
    loop_.run_now([&] {
      listener_ = NewsListener::make(loop_.executor(), std::move(options), [this] { count(); });
      listener_->start();
    });
  }

  void count() {
    const std::lock_guard lock(mutex_);
    ++woken_;
    changed_.notify_all();
  }
  /// Waits until it was woken so often; how often by then.
  unsigned woken(unsigned at_least) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return woken_ >= at_least; });
    return woken_;
  }
  [[nodiscard]] const std::string& name() const { return schema_.name(); }
  void notify() { postgres_do(postgres_url(), fmt::format("select pg_notify('{}', '')", name())); }

  PostgresSchema schema_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned woken_ = 0;
  Loop loop_;
  std::shared_ptr<NewsListener> listener_;
};

TEST_F(PostgresNews, WakesOnceConnectedAndForANotification) {
  listen(1h);
  EXPECT_EQ(woken(1), 1u);
  notify();
  EXPECT_EQ(woken(2), 2u);
}

TEST_F(PostgresNews, NotificationsThatComeTogetherWakeOnce) {
  listen(1h);
  EXPECT_EQ(woken(1), 1u);
  postgres_do(
      postgres_url(),
      fmt::format("select pg_notify('{}', i::text) from generate_series(1, 100) i", name()));
  const unsigned together = woken(2);
  notify();
  EXPECT_LE(woken(together + 1), 6u) << "100 notifications of one commit";
}

TEST_F(PostgresNews, WakesEveryInterval) {
  listen(1ms);
  EXPECT_GE(woken(20), 20u);
}

TEST_F(PostgresNews, ConnectsAgainAndWakesThen) {
  listen(1h);
  EXPECT_EQ(woken(1), 1u);
  EXPECT_EQ(terminate(name()), "1");
  EXPECT_EQ(woken(2), 2u);
  notify();
  EXPECT_EQ(woken(3), 3u);
}

TEST_F(PostgresNews, StoppedItIsSilent) {
  listen(1ms);
  woken(3);
  loop_.run_now([this] { listener_->stop(); });
  const unsigned before = woken(0);
  notify();
  EXPECT_TRUE(eventually(fmt::format(
      "select count(*) = 0 from pg_stat_activity where application_name = '{}'", name())));
  EXPECT_EQ(woken(0), before);
}

}  // namespace
