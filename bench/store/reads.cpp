#include <condition_variable>
#include <mutex>
#include <thread>

#include "clock.h"
#include "instances.h"

namespace bench {
namespace {

using boost::json::object;

constexpr std::size_t groups = 1000, stored = 50'000;

void fill(Instances& stores) {
  for (std::size_t done = 0; done < stored; done += 500)
    (void)run(stores[0].append(Instances::messages(500, groups), store::NoStager()));
}

object query(const StoreBench& bench, Instances& stores, std::size_t readers) {
  std::vector<Times> times(readers);
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < readers; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = i; seconds_since(begin) < bench.seconds; ++n) {
        const auto filter =
            test::FilterBuilder().tag('h', {fmt::format("{:064x}", n % groups)}).build();
        const auto started = Clock::now();
        (void)run(stores[0].query({.filter = filter, .after = {}, .up_to = {}, .max_events = 50}));
        times[i].add(started);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  Times all;
  for (const Times& each : times) all.add(each);
  object result{{"work", "query"},
                {"readers", readers},
                {"pages_per_s", static_cast<double>(all.count()) / seconds_since(begin)}};
  all.report(result);
  return result;
}

/// Takes the event it is made for.
class Claim final : public store::Operation {
 public:
  explicit Claim(const nostr::EventId& id) : id_(id) {}
  void reads(store::Reads&) const override {}
  [[nodiscard]] std::expected<Effects, store::Refusal> run(const store::RowView&,
                                                           base::UnixSeconds) const override {
    return Effects{.changes = {}, .picks = {{.id = id_, .take = true}}};
  }

 private:
  const nostr::EventId id_;
};

object claim(const StoreBench& bench, std::size_t instances) {
  Instances stores(bench, instances);
  std::vector<std::vector<store::Write>> packages(instances);
  for (auto& own : packages) {
    own = Instances::messages(4000, 10);
    (void)run(stores[0].append(own, store::NoStager()));
  }
  std::vector<Times> times(instances);
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < instances; ++i) {
    threads.emplace_back([&, i] {
      for (const auto& package : packages[i]) {
        if (seconds_since(begin) > bench.seconds) return;
        const auto started = Clock::now();
        (void)run(stores[i].perform(Claim(package.event->id), 0, store::NoStager()));
        times[i].add(started);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  Times all;
  for (const Times& each : times) all.add(each);
  object result{{"work", "claim"},
                {"instances", instances},
                {"claims_per_s", static_cast<double>(all.count()) / seconds_since(begin)}};
  all.report(result);
  return result;
}

/// Waits for news and reads it, as a relay's writer does.
class Follower {
 public:
  explicit Follower(store::Store& store) : store_(store) {
    store_.on_news([this] {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      wake_.notify_one();
    });
  }
  ~Follower() { store_.on_news(nullptr); }

  void until(store::Seq last) {
    for (store::Seq known = 0; known < last;) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return std::exchange(woken_, false); });
      }
      known = run(store_.catch_up())->last;
    }
  }

 private:
  store::Store& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;  // guarded by mutex_
};

}  // namespace

void measure_queries(const StoreBench& bench) {
  Instances stores(bench, 1);
  fill(stores);
  for (const std::size_t readers : {1, 8}) print(bench, query(bench, stores, readers));
}

void measure_claims(const StoreBench& bench) {
  for (const std::size_t instances : {1, 3}) print(bench, claim(bench, instances));
}

void measure_fan_out(const StoreBench& bench) {
  Instances stores(bench, 2);
  Follower other(stores[1]);
  Times commits, arrivals;
  const auto begin = Clock::now();
  while (seconds_since(begin) < bench.seconds) {
    const auto writes = Instances::messages(1, 10);
    const auto started = Clock::now();
    const auto last = run(stores[0].append(writes, store::NoStager())).batch->last;
    commits.add(started);
    other.until(last);
    arrivals.add(started);
  }
  object committed{{"work", "fan-out: committed"}},
      arrived{{"work", "fan-out: at the other instance"}};
  commits.report(committed);
  arrivals.report(arrived);
  print(bench, std::move(committed));
  print(bench, std::move(arrived));
}

}  // namespace bench
