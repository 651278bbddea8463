// Several instances on one Firestore: what each learns of the others, who wins a race for a slot, and what becomes of a commit
// whose answer is lost.
#ifdef GATEWAY_FIRESTORE
#include <atomic>
#include <thread>

#include "contract/contract.h"
#include "support/firestore_database.h"

namespace test {
namespace {

using fake_firestore::Code;
using fake_firestore::When;
using store::StoreError;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
namespace fs = store::firestore;

class FirestoreInstances : public testing::Test {
 protected:
  using Store = std::unique_ptr<store::FirestoreStore>;

  [[nodiscard]] Store open(std::chrono::milliseconds timeout = 20s) const {
    auto options = database_.options();
    options.timeout = timeout;
    auto opened = store::FirestoreStore::open(options);
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

  [[nodiscard]] fake_firestore::FakeFirestore& server() const { return database_.server(); }
  [[nodiscard]] fake_firestore::Faults& faults() const { return server().faults(); }

  // Past the store, as an operator might.
  [[nodiscard]] fs::Commit commit_at(std::uint64_t slot) const {
    std::vector<std::string> names(1, fs::commit_name(slot));
    const auto got = await(client_.batch_get(std::move(names), {}, soon()));
    auto commit = fs::commit_in(got.value().found.at(fs::commit_name(slot)));
    return commit.value();
  }
  void put(const fs::Commit& commit) const { write(fs::put(fs::commit_document(names_, commit))); }
  void erase(const std::string& name) const { write(fs::erase(names_, name)); }

  const FirestoreDatabase database_{FirestoreDatabase::new_server()};

 private:
  static fs::Deadline soon() { return std::chrono::steady_clock::now() + 10s; }
  void write(fs::v1::Write write) const {
    fs::v1::CommitRequest request;
    *request.add_writes() = std::move(write);
    if (!await(client_.commit(std::move(request), soon()))) throw std::runtime_error("no commit");
  }

  const fs::Names names_{database_.options().project, database_.options().database};
  const fs::Client client_{{.project = database_.options().project,
                            .database = database_.options().database,
                            .emulator_host = database_.options().emulator_host}};
};

/// The ids of all batches before `batch`, one list for each.
std::vector<Ids> before(const store::CommitBatch& batch) {
  std::vector<Ids> all;
  for (const auto& other : batch.before) all.push_back(ids_of(other->events));
  return all;
}

/// Counts in a row that every commit reads and writes: one that is lost shows.
TestStager counting() {
  TestStager stager;
  stager.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  stager.on_stage = [](const auto&, const store::RowView& rows) {
    const auto text = rows.get("x/count");
    const int count = text ? std::stoi(std::string(*text)) : 0;
    return store::Staged{.changes = {{"x/count", std::to_string(count + 1)}}};
  };
  return stager;
}

std::optional<std::string> count_in(store::Store& store) {
  return must(await(store.get_rows({"x/count"}))).front();
}

TEST_F(FirestoreInstances, CommitsOfOthersComeInOrderBeforeTheNextOfMine) {
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

TEST_F(FirestoreInstances, NothingIsToldTwiceAndNothingOfMyOwn) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
  EXPECT_THAT(before(*news(*b)), IsEmpty());
  EXPECT_THAT(before(*news(*a)), IsEmpty());
  EXPECT_THAT(before(*add(*b, {EventBuilder(1)}).batch), IsEmpty()) << "a duplicate";
}

TEST_F(FirestoreInstances, EventsGoWithTheirRowsAndMarks) {
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
  EXPECT_EQ(batch.events[0].seq, 0u);
  ASSERT_EQ(batch.changes.size(), 6u);
  EXPECT_EQ(batch.changes[0].key, "x/1");
  EXPECT_EQ(batch.changes[0].expires_at, 70);
  EXPECT_EQ(batch.changes[1].value, std::nullopt);
}

TEST_F(FirestoreInstances, EventsOfACommitWithManyRowsAreReadByTheirNumbers) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  TestStager stager;
  stager.on_stage = [](const store::Write& write, const auto&) {
    return store::Staged{.changes = {{"x/" + std::to_string(number_of(write.event->id)),
                                      std::string(360 << 10, 'r')}}};
  };
  add(*a, {EventBuilder(2), EventBuilder(3)}, stager);
  const auto heard = news(*b);
  EXPECT_THAT(before(*heard), ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
  EXPECT_THAT(heard->before[1]->changes, testing::SizeIs(2));
}

TEST_F(FirestoreInstances, CommitThatIsTooLargeToTellOfLosesTrack) {
  const auto a = open(), b = open();
  TestStager stager;
  stager.on_stage = [](const store::Write& write, const auto&) {
    return store::Staged{.changes = {{"x/" + std::to_string(number_of(write.event->id)),
                                      std::string(500 << 10, 'r')}}};
  };
  add(*a, {EventBuilder(2), EventBuilder(3)}, stager);
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_FALSE(news(*b)->lost_track);
}

TEST_F(FirestoreInstances, EphemeralEventsAloneReachOthersToo) {
  const auto a = open(), b = open();
  const auto mine = add(*a, {EventBuilder(1).kind(20001)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
  EXPECT_EQ(add(*b, {EventBuilder(2)}).batch->events[0].seq, mine.batch->last + 1);
  EXPECT_THAT(before(*news(*a)), ElementsAre(ElementsAre(2)));
}

TEST_F(FirestoreInstances, WhatWasReplacedMeanwhileIsNoNews) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1).kind(0).at(1)});
  add(*a, {EventBuilder(2).kind(0).at(2)});
  EXPECT_THAT(before(*news(*b)), ElementsAre(IsEmpty(), ElementsAre(2)));
}

TEST_F(FirestoreInstances, DecisionsSeeWhatOthersDid) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1).kind(0).at(5)});
  EXPECT_THAT(outcomes_of(add(*b, {EventBuilder(1).kind(0).at(5), EventBuilder(2).kind(0).at(4)})),
              ElementsAre(store::Outcome::duplicate, store::Outcome::stale));
  add(*b, {EventBuilder(9).kind(5).tag({"e", hex(1)})});
  EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(1).kind(0).at(5)})),
              ElementsAre(store::Outcome::deleted));
}

TEST_F(FirestoreInstances, PagesSeeWhatOthersWereAnswered) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  const auto page = read_page(*b, FilterBuilder().build());
  EXPECT_THAT(ids_of(page.events), ElementsAre(1));
  EXPECT_EQ(page.snapshot, 1u);
}

TEST_F(FirestoreInstances, NewOnesBeginBehindWhatIsThere) {
  add(*open(), {EventBuilder(1)});
  const auto late = open();
  EXPECT_THAT(before(*news(*late)), IsEmpty());
  EXPECT_EQ(add(*late, {EventBuilder(2)}).batch->events[0].seq, 2u);
}

TEST_F(FirestoreInstances, WhoLosesTheRaceForASlotDecidesAnewBehindTheWinner) {
  const auto a = open(), b = open();
  faults().add({.method = "Commit", .held = true});
  store::AppendResult late;
  std::thread slow([&] { late = add(*a, {EventBuilder(1).kind(0).at(5)}, counting()); });
  ASSERT_TRUE(faults().wait_until_held(1, 10s));
  add(*b, {EventBuilder(2).kind(0).at(6)}, counting());
  faults().release();
  slow.join();
  EXPECT_THAT(outcomes_of(late), ElementsAre(store::Outcome::stale));
  EXPECT_THAT(before(*late.batch), ElementsAre(ElementsAre(2)));
  EXPECT_EQ(count_in(*a), "1");
}

TEST_F(FirestoreInstances, WritersAtTheSameTimeMakeOneOrderThatAllSee) {
  constexpr std::size_t instances = 3, commits = 20;
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
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < instances; ++i) {
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; n < commits; ++n) {
        const std::uint64_t id = 1 + i * 1000 + n * 2;
        note(told[i], *add(*stores[i], {EventBuilder(id), EventBuilder(id + 1)}, counting()).batch);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < instances; ++i) note(told[i], *news(*stores[i]));
  ASSERT_EQ(told[0].size(), instances * commits * 2);
  for (std::size_t n = 0; n < told[0].size(); ++n) EXPECT_EQ(told[0][n].first, n + 1);
  for (const Told& other : told) EXPECT_EQ(other, told[0]);
  EXPECT_EQ(count_in(*stores[0]), std::to_string(instances * commits * 2));
}

TEST_F(FirestoreInstances, CommitThatNeverArrivedIsDoneAgain) {
  const auto a = open(), b = open();
  for (const Code code : {Code::unavailable, Code::aborted, Code::deadline_exceeded, Code::internal,
                          Code::unknown, Code::cancelled}) {
    faults().add({.method = "Commit", .code = code});
    const auto id = static_cast<std::uint64_t>(code) + 100;
    EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(id)}, counting())),
                ElementsAre(store::Outcome::accepted))
        << id;
  }
  EXPECT_EQ(count_in(*b), "6");
  EXPECT_EQ(before(*news(*b)).size(), 6u);
}

TEST_F(FirestoreInstances, CommitWhoseAnswerWasLostIsNotDoneTwice) {
  const auto a = open(), b = open();
  for (const Code code : {Code::unavailable, Code::deadline_exceeded, Code::internal, Code::unknown,
                          Code::cancelled}) {
    faults().add({.method = "Commit", .when = When::after, .code = code});
    const auto id = static_cast<std::uint64_t>(code) + 100;
    EXPECT_THAT(outcomes_of(add(*a, {EventBuilder(id)}, counting())),
                ElementsAre(store::Outcome::accepted))
        << "not a duplicate of itself " << id;
  }
  EXPECT_EQ(count_in(*b), "5");
  EXPECT_EQ(before(*news(*b)).size(), 5u);
  EXPECT_THAT(before(*news(*a)), IsEmpty());
}

TEST_F(FirestoreInstances, AnswerThatIsLostWhileOthersCommitIsSettledToo) {
  const auto a = open(), b = open();
  faults().add({.method = "Commit", .when = When::after, .code = Code::unavailable});
  faults().add({.method = "BatchGetDocuments"});  // the facts
  faults().add({.method = "BatchGetDocuments", .held = true});
  store::AppendResult mine;
  std::thread slow([&] { mine = add(*a, {EventBuilder(1)}, counting()); });
  ASSERT_TRUE(faults().wait_until_held(1, 10s));
  const auto theirs = add(*b, {EventBuilder(2)}, counting());
  faults().release();
  slow.join();
  EXPECT_THAT(outcomes_of(mine), ElementsAre(store::Outcome::accepted));
  EXPECT_EQ(mine.batch->last, 1u);
  EXPECT_THAT(before(*theirs.batch), ElementsAre(ElementsAre(1)));
  EXPECT_THAT(before(*news(*a)), ElementsAre(ElementsAre(2)));
  EXPECT_EQ(count_in(*a), "2");
}

TEST_F(FirestoreInstances, CommitWithoutAnyAnswerHasAnUnknownOutcome) {
  const auto a = open(1500ms), b = open();
  faults().add({.method = "Commit", .when = When::after, .times = 100, .code = Code::unavailable});
  faults().add({.method = "BatchGetDocuments", .times = 1});  // the facts
  faults().add({.method = "BatchGetDocuments", .times = 1000, .code = Code::unavailable});
  const auto result = await(a->append(writes_of({EventBuilder(1)}), store::NoStager()));
  faults().clear();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, StoreError::Code::unknown_outcome);
  EXPECT_THAT(before(*news(*a)), ElementsAre(ElementsAre(1))) << "it comes with the others'";
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(1)));
}

TEST_F(FirestoreInstances, CommitThatIsRefusedIsAnErrorAtOnce) {
  const auto a = open();
  faults().add({.method = "Commit", .code = Code::permission_denied});
  const auto result = await(a->append(writes_of({EventBuilder(1)}), store::NoStager()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, StoreError::Code::unavailable);
  EXPECT_THAT(result.error().message, testing::HasSubstr("roles/datastore.user"));
  EXPECT_EQ(faults().calls("Commit"), 1);
}

TEST_F(FirestoreInstances, VanishingThatIsTooLargeForOneCommitGoesInSeveral) {
  const auto a = open();
  std::vector<EventBuilder> notes;
  for (std::uint64_t id = 1; id <= 10; ++id) notes.push_back(EventBuilder(id).at(10));
  add(*a, notes);
  // Twice "Transaction too big. Decrease transaction size."
  faults().add({.method = "Commit", .times = 2, .code = Code::invalid_argument});
  auto request = write_of(EventBuilder(50).kind(62).at(10));
  request.vanishes = true;
  EXPECT_THAT(outcomes_of(must(await(a->append({&request, 1}, store::NoStager())))),
              ElementsAre(store::Outcome::accepted));
  EXPECT_EQ(must(await(a->info())).events, 9u) << "two of them went, and the request came";
  EXPECT_THAT(ids_of(read_all(*a, FilterBuilder().build())), ElementsAre(50));
  EXPECT_EQ(must(await(a->purge_expired(0, 100, store::NoStager()))).removed, 8u);
  EXPECT_EQ(must(await(a->info())).events, 1u);
}

TEST_F(FirestoreInstances, PurgeThatIsTooLargeForOneCommitGoesInSeveral) {
  const auto a = open();
  std::vector<store::Write> writes;
  for (std::uint64_t id = 1; id <= 8; ++id) writes.push_back(write_of(EventBuilder(id), 20));
  must(await(a->append(writes, store::NoStager())));
  faults().add({.method = "Commit", .code = Code::invalid_argument});
  EXPECT_EQ(must(await(a->purge_expired(30, 100, store::NoStager()))).removed, 4u);
  EXPECT_EQ(must(await(a->purge_expired(30, 100, store::NoStager()))).removed, 4u);
}

TEST_F(FirestoreInstances, ServerThatIsAwayIsFoundAgain) {
  const auto a = open(1s);
  add(*a, {EventBuilder(1)});
  server().stop();
  EXPECT_FALSE(await(a->append(writes_of({EventBuilder(2)}), store::NoStager())));
  EXPECT_FALSE(await(a->catch_up()));
  const auto filter = FilterBuilder().build();
  EXPECT_FALSE(await(a->query({.filter = filter, .after = {}, .up_to = {}})));
  ASSERT_TRUE(server().start());
  const auto again = [&] {
    for (;;) {
      if (auto result = await(a->append(writes_of({EventBuilder(2)}), store::NoStager())))
        return outcomes_of(*result);
    }
  };
  EXPECT_THAT(again(), ElementsAre(store::Outcome::accepted));
  EXPECT_THAT(ids_of(read_all(*a, filter)), ElementsAre(1, 2));
}

/// Waits for calls of on_news.
class Woken {
 public:
  explicit Woken(store::Store& store) : store_(store) {
    store_.on_news([this] {
      ++times_;
      times_.notify_all();
    });
  }
  ~Woken() { store_.on_news(nullptr); }
  /// Until there is news; true once `wanted` of the store's news says yes.
  template <typename Wanted>
  void until(Wanted wanted) {
    for (int seen = times_; !wanted(); seen = times_) times_.wait(seen);
  }

 private:
  store::Store& store_;
  std::atomic<int> times_ = 0;
};

TEST_F(FirestoreInstances, OthersHearOfACommitByThemselves) {
  const auto a = open(), b = open();
  Woken woken(*b);
  Ids heard;
  const auto hear = [&](std::size_t wanted) {
    woken.until([&] {
      const auto batch = news(*b);
      for (const auto& other : batch->before)
        for (const auto id : ids_of(other->events)) heard.push_back(id);
      return heard.size() >= wanted;
    });
  };
  add(*a, {EventBuilder(1)});
  hear(1);
  server().cut_streams();
  add(*a, {EventBuilder(2)});
  hear(2);
  server().reset_targets();
  add(*a, {EventBuilder(3)});
  hear(3);
  EXPECT_THAT(heard, ElementsAre(1, 2, 3));
}

TEST_F(FirestoreInstances, HistoryThatBecameAnotherOneIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  EXPECT_FALSE(news(*b)->lost_track);
  auto other = commit_at(1);
  other.token = std::string(16, 'o');
  put(other);
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_FALSE(news(*b)->lost_track) << "it begins anew from there";
  EXPECT_TRUE(add(*a, {EventBuilder(2)}).batch->lost_track);
}

TEST_F(FirestoreInstances, HistoryThatWentBackIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  add(*a, {EventBuilder(2)});
  (void)news(*b);
  erase(fs::commit_name(2));
  erase(fs::event_name(EventBuilder(2).build()->id));
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_TRUE(add(*a, {EventBuilder(3)}).batch->lost_track);
  EXPECT_THAT(before(*news(*b)), ElementsAre(ElementsAre(3)));
}

TEST_F(FirestoreInstances, HistoryThatIsForgottenMeanwhileIsNoticed) {
  const auto a = open(), b = open();
  add(*a, {EventBuilder(1)});
  (void)news(*b);
  add(*a, {EventBuilder(2)});
  add(*a, {EventBuilder(3)});
  for (const std::uint64_t slot : {1, 2, 3}) {
    auto old = commit_at(slot);
    old.at -= 25 * 3600;
    put(old);
  }
  must(await(a->purge_expired(0, 10, store::NoStager())));
  add(*a, {EventBuilder(4)});
  EXPECT_TRUE(news(*b)->lost_track);
  EXPECT_THAT(before(*news(*a)), IsEmpty());
}

TEST_F(FirestoreInstances, ManyEventsAreSeveralCommitsOfOneBatch) {
  const auto a = open(), b = open();
  std::vector<EventBuilder> many;
  for (std::uint64_t id = 1; id <= 1100; ++id) many.push_back(EventBuilder(id));
  const auto result = add(*a, many);
  EXPECT_EQ(result.results.size(), 1100u);
  EXPECT_EQ(result.batch->events.size(), 1100u);
  EXPECT_EQ(result.batch->last, 1100u);
  EXPECT_THAT(news(*b)->before, testing::SizeIs(3));
}

TEST_F(FirestoreInstances, CopyThatDidNotEndIsNotOpened) {
  const auto a = open();
  const store::Parcel begun{.first = true, .last = 3, .next = "more"};
  ASSERT_TRUE(await(a->load(begun)));
  const auto opened = store::FirestoreStore::open(database_.options());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("copy"));
}

}  // namespace
}  // namespace test
#endif
