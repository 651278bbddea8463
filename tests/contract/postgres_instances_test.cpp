// Several instances on one PostgreSQL: what each learns of the others, and what becomes of a commit whose answer is lost.
#ifdef GATEWAY_POSTGRES_FOLDER
#include <atomic>
#include <filesystem>
#include <latch>
#include <map>
#include <thread>

#include "contract/contract.h"
#include "store/postgres/postgres_store.h"
#include "support/cutting_proxy.h"
#include "support/postgres_schema.h"

namespace test {
namespace {

using store::StoreError;
using testing::ElementsAre;
using testing::IsEmpty;

std::filesystem::path server_folder() {
  const std::string url = postgres_url();
  const auto begin = url.find("host=") + 5;
  return url.substr(begin, url.find('&', begin) - begin);
}

class PostgresInstances : public testing::Test {
 protected:
  using Store = std::unique_ptr<store::PostgresStore>;

  [[nodiscard]] Store open(std::chrono::milliseconds timeout = std::chrono::seconds(20)) const {
    return open(schema_.url(), timeout);
  }
  [[nodiscard]] static Store open(const std::string& url,
                                  std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    auto opened = store::PostgresStore::open({.url = url, .readers = 1, .timeout = timeout});
    if (!opened) throw std::runtime_error(opened.error().message);
    return *std::move(opened);
  }
  static store::AppendResult add(store::Store& store, const std::vector<EventBuilder>& events,
                                 const store::Stager& stager = store::NoStager()) {
    return must(await(store.append(writes_of(events), stager)));
  }
  static std::shared_ptr<const store::CommitBatch> news(store::Store& store) {
    return must(await(store.catch_up()));
  }
  void sql(const std::string& statement) const { postgres_do(schema_.url(), statement); }

  const PostgresSchema schema_;
};

/// The ids of all batches before `batch`, one list for each.
std::vector<Ids> before(const store::CommitBatch& batch) {
  std::vector<Ids> all;
  for (const auto& other : batch.before) all.push_back(ids_of(other->events));
  return all;
}

TEST_F(PostgresInstances, CommitsOfOthersComeInOrderBeforeTheNextOfMine) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1), EventBuilder(2)});
  add(*a, {EventBuilder(3)});
  const auto mine = add(*b, {EventBuilder(4)});
  EXPECT_THAT(before(*mine.batch), ElementsAre(ElementsAre(1, 2), ElementsAre(3)));
  EXPECT_EQ(mine.batch->events[0].seq, 4u);
  EXPECT_FALSE(mine.batch->lost_track);
  const auto theirs = news(*a);
  EXPECT_THAT(before(*theirs), ElementsAre(ElementsAre(4)));
  EXPECT_EQ(theirs->last, 4u);
}

TEST_F(PostgresInstances, NothingIsToldTwiceAndNothingOfMyOwn) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
  EXPECT_THAT(before(*news(*b)), IsEmpty());
  EXPECT_THAT(before(*news(*a)), IsEmpty());
  EXPECT_THAT(before(*add(*b, {EventBuilder(1)}).batch), IsEmpty()) << "a duplicate";
}

TEST_F(PostgresInstances, WhatIsNotStoredReachesOthersTooWithItsRowsAndMarks) {
  const auto a = open(), b = open();
  TestStager stager;
  stager.on_stage = [](const store::Write& write, const auto&) {
    return store::Staged{.changes = {{"x/" + std::to_string(number_of(write.event->id)), "1", 70},
                                     {"x/gone", std::nullopt}},
                         .expires_at = 90,
                         .mark = 7};
  };
  add(*a,
      {EventBuilder(1).kind(20001), EventBuilder(2).kind(0).at(1), EventBuilder(3).kind(0).at(2)},
      stager);
  const auto heard = news(*b);
  ASSERT_EQ(heard->before.size(), 1u);
  const auto& batch = *heard->before[0];
  EXPECT_THAT(ids_of(batch.events), ElementsAre(1, 2, 3))
      << "ephemeral; replaced in its own commit";
  for (const auto& stored : batch.events) {
    EXPECT_EQ(stored.mark, 7);
    EXPECT_EQ(stored.expires_at, 90);
  }
  EXPECT_THAT(batch.events[0].seq, 0u);
  ASSERT_EQ(batch.changes.size(), 6u);
  EXPECT_EQ(batch.changes[0].key, "x/1");
  EXPECT_EQ(batch.changes[0].expires_at, 70);
  EXPECT_EQ(batch.changes[1].value, std::nullopt);
}

TEST_F(PostgresInstances, EphemeralEventsAloneReachOthersToo) {
  const auto a = open(), b = open();
  const auto mine = add(*a, {EventBuilder(1).kind(20001)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
  EXPECT_EQ(add(*b, {EventBuilder(2)}).batch->events[0].seq, mine.batch->last + 1);
  EXPECT_THAT(before(*news(*a)), ElementsAre(ElementsAre(2)));
}

TEST_F(PostgresInstances, WhatWasReplacedMeanwhileIsNoNews) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1).kind(0).at(1)});
  add(*a, {EventBuilder(2).kind(0).at(2)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(IsEmpty(), ElementsAre(2)));
}

TEST_F(PostgresInstances, DecisionsSeeWhatOthersDid) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1).kind(0).at(5)});
  EXPECT_THAT(outcomes_of(add(*b, {EventBuilder(1).kind(0).at(5), EventBuilder(2).kind(0).at(4)})),
              ElementsAre(store::Outcome::duplicate, store::Outcome::stale));
  add(*b, {EventBuilder(9).kind(5).tag({"e", hex(1)})});
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(1).kind(0).at(5)})),
              ElementsAre(store::Outcome::deleted));
}

TEST_F(PostgresInstances, NewOnesBeginBehindWhatIsThere) {
  add(*open(), {EventBuilder(1)});
  const auto late = open();
  EXPECT_THAT(before(*news(*late)), IsEmpty());
  EXPECT_EQ(add(*late, {EventBuilder(2)}).batch->events[0].seq, 2u);
}

TEST_F(PostgresInstances, WritersAtTheSameTimeMakeOneOrderThatAllSee) {
  constexpr std::size_t instances = 3, commits = 30;
  std::vector<Store> stores;
  for (std::size_t i = 0; i < instances; ++i) stores.push_back(open());
  using Told = std::vector<std::pair<store::Seq, std::uint64_t>>;
  std::vector<Told> told(instances);
  const auto note = [](Told& to, const store::CommitBatch& batch) {
    for (const auto& other : batch.before)
      for (const auto& stored : other->events)
        to.emplace_back(stored.seq, number_of(stored.event->id));
    for (const auto& stored : batch.events)
      to.emplace_back(stored.seq, number_of(stored.event->id));
  };
  // A row that every commit reads and writes: one that is lost shows.
  TestStager counting;
  counting.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  counting.on_stage = [](const auto&, const store::RowView& rows) {
    const auto text = rows.get("x/count");
    const int count = text ? std::stoi(std::string(*text)) : 0;
    return store::Staged{.changes = {{"x/count", std::to_string(count + 1)}}};
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < instances; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; n < commits; ++n) {
        const std::uint64_t id = 1 + i * 1000 + n * 2;
        note(told[i], *add(*stores[i], {EventBuilder(id), EventBuilder(id + 1)}, counting).batch);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < instances; ++i) note(told[i], *news(*stores[i]));
  ASSERT_EQ(told[0].size(), instances * commits * 2);
  for (std::size_t n = 0; n < told[0].size(); ++n) EXPECT_EQ(told[0][n].first, n + 1);
  for (const Told& other : told) EXPECT_EQ(other, told[0]);
  EXPECT_EQ(must(await(stores[0]->get_rows({"x/count"}))).front(),
            std::to_string(instances * commits * 2));
}

TEST_F(PostgresInstances, OthersHearOfACommitByThemselves) {
  const auto a = open(), b = open();
  std::atomic<int> woken = 0;
  b->on_news([&] {
    ++woken;
    woken.notify_all();
  });
  woken.wait(0);  // it listens
  const int so_far = woken;
  add(*a, {EventBuilder(1)});
  woken.wait(so_far);
  b->on_news(nullptr);
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
}

TEST_F(PostgresInstances, CommitThatNeverArrivedIsDoneAgain) {
  CuttingProxy proxy(server_folder());
  const auto a = open(proxy.before(schema_.url())), b = open();
  add(*a, {EventBuilder(1)});
  proxy.cut_next(CuttingProxy::Cut::before_commit);
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(2)})), ElementsAre(store::Outcome::accepted));
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_F(PostgresInstances, CommitWhoseAnswerWasLostIsNotDoneTwice) {
  CuttingProxy proxy(server_folder());
  const auto a = open(proxy.before(schema_.url())), b = open();
  add(*a, {EventBuilder(1)});
  proxy.cut_next(CuttingProxy::Cut::after_commit);
  TestStager counting;
  counting.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  counting.on_stage = [](const auto&, const store::RowView& rows) {
    return store::Staged{.changes = {{"x/count", rows.get("x/count") ? "twice" : "once"}}};
  };
  const auto result = add(*a, {EventBuilder(2)}, counting);
  EXPECT_THAT(outcomes_of(result), ElementsAre(store::Outcome::accepted))
      << "not a duplicate of itself";
  EXPECT_EQ(result.batch->last, 2u);
  EXPECT_EQ(must(await(b->get_rows({"x/count"}))).front(), "once");
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1), ElementsAre(2)));
  EXPECT_THAT(before(*news(*a)), IsEmpty());
}

TEST_F(PostgresInstances, ConnectionsThatAreCutAreMadeAgain) {
  CuttingProxy proxy(server_folder());
  const auto a = open(proxy.before(schema_.url()));
  add(*a, {EventBuilder(1)});
  must(await(a->get_rows({"x/none"})));
  proxy.cut_all();
  EXPECT_THAT(ids_of(read_all(*a, FilterBuilder().build())), ElementsAre(1));
  proxy.cut_all();
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(2)})), ElementsAre(store::Outcome::accepted));
}

TEST_F(PostgresInstances, CommitThatLostItsLockDecidesAnew) {
  CuttingProxy proxy(server_folder());
  const auto a = open(proxy.before(schema_.url())), b = open();
  TestStager gate;
  gate.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/closed"); };
  bool cut = false;
  gate.on_stage = [&](const auto&, const store::RowView& rows) {
    if (rows.get("x/closed"))
      return std::expected<store::Staged, store::Refusal>(
          std::unexpected(store::Refusal{"restricted: closed"}));
    if (!std::exchange(cut, true)) {
      proxy.cut_all();
      TestStager closing;
      closing.on_stage = [](const auto&, const auto&) {
        return store::Staged{.changes = {{"x/closed", "1"}}};
      };
      add(*b, {EventBuilder(9).kind(20001)}, closing);  // rows alone: no number of an event
    }
    return std::expected<store::Staged, store::Refusal>(store::Staged{});
  };
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(1)}, gate)), ElementsAre(store::Outcome::refused));
  EXPECT_TRUE(cut);
}

TEST_F(PostgresInstances, InstanceThatFreezesWithTheLockHoldsOthersUpForSecondsOnly) {
  const auto a = open();
  // What a frozen instance leaves: the lock, in a transaction that goes nowhere.
  const std::unique_ptr<PGconn, decltype(&PQfinish)> frozen(PQconnectdb(schema_.url().c_str()),
                                                            PQfinish);
  for (const char* statement :
       {"SET idle_in_transaction_session_timeout = '1s'", "BEGIN",
        "SELECT pg_advisory_xact_lock(hashtextextended('mls_gateway/' || current_schema(), 0))"})
    PQclear(PQexec(frozen.get(), statement));
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(1)})), ElementsAre(store::Outcome::accepted));
}

TEST_F(PostgresInstances, LockThatIsNotGivenUpIsAnErrorInTime) {
  const auto a = open(std::chrono::seconds(1));
  const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(schema_.url().c_str()),
                                                           PQfinish);
  for (const char* statement :
       {"BEGIN",
        "SELECT pg_advisory_xact_lock(hashtextextended('mls_gateway/' || current_schema(), 0))"})
    PQclear(PQexec(other.get(), statement));
  const auto result = await(a->append(writes_of({EventBuilder(1)}), store::NoStager()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, StoreError::Code::unavailable);
}

TEST_F(PostgresInstances, LongTransactionsOfOthersDelayNothing) {
  const auto a = open(), b = open();
  const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(schema_.url().c_str()),
                                                           PQfinish);
  for (const char* statement : {"BEGIN", "CREATE TABLE theirs ()", "SELECT pg_current_xact_id()"})
    PQclear(PQexec(other.get(), statement));
  add(*a, {EventBuilder(1)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
}

TEST_F(PostgresInstances, HistoryThatBecameAnotherOneIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  EXPECT_FALSE(news(*b)->lost_track);
  sql("UPDATE commits SET token = 'another' WHERE last = 1");  // a standby that had another commit 1
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_FALSE(news(*b)->lost_track) << "it begins anew from there";
  EXPECT_TRUE(add(*a, {EventBuilder(2)}).batch->lost_track);
}

TEST_F(PostgresInstances, HistoryThatWentBackIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  add(*a, {EventBuilder(2)});
  (void)news(*b);
  sql("DELETE FROM commits WHERE last = 2");  // a standby that lagged behind
  sql("DELETE FROM events WHERE seq = 2");
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_TRUE(add(*a, {EventBuilder(3)}).batch->lost_track);
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(3)));
}

TEST_F(PostgresInstances, HistoryThatIsForgottenMeanwhileIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  add(*a, {EventBuilder(2)});
  sql("UPDATE commits SET at = now() - interval '1 hour'");
  must(await(a->purge_expired(0, 10, store::NoStager())));
  add(*a, {EventBuilder(3)});
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_THAT(before(*news(*a)), IsEmpty());
}

TEST_F(PostgresInstances, TheFirstCommitAfterAQuietTimeIsHeardByAll) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  (void)news(*b);
  sql("UPDATE commits SET at = now() - interval '1 hour'");
  add(*a, {EventBuilder(2)});
  must(await(a->purge_expired(0, 10, store::NoStager())));
  must(await(a->get_rows({"x/none"})));  // what was posted is done
  const auto heard = news(*b);
  EXPECT_FALSE(heard->lost_track);
  EXPECT_THAT(before(*heard), ElementsAre(ElementsAre(2)));
}

TEST_F(PostgresInstances, OpeningRefusesTheSchemaOfALaterVersion) {
  (void)open();
  sql("UPDATE schema_version SET version = 1000");
  const auto opened = store::PostgresStore::open({.url = schema_.url()});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("later"));
}

TEST_F(PostgresInstances, OpenedAtTheSameTimeTheyMakeOneSchema) {
  std::vector<std::thread> threads;
  std::atomic<int> made = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      if (store::PostgresStore::open({.url = schema_.url(), .readers = 1})) ++made;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 4);
}

}  // namespace
}  // namespace test
#endif
