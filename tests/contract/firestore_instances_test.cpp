// Several instances on one Firestore: what each learns of the others.
#ifdef GATEWAY_FIRESTORE
#include "contract/firestore_instances.h"

#include <atomic>
#include <thread>

namespace test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
