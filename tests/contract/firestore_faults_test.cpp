// What becomes of commits on Firestore that fail, that lose a race, or whose answer is lost.
#ifdef GATEWAY_FIRESTORE
#include <thread>

#include "contract/firestore_instances.h"

namespace test {
namespace {

using fake_firestore::Code;
using fake_firestore::When;
using store::StoreError;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

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

}  // namespace
}  // namespace test
#endif
