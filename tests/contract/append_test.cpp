#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class Append : public Contract {};
FOR_EVERY_STORE(Append);

TEST_P(Append, StoresAnEventByteForByte) {
  const auto event = EventBuilder(7).tag({"x", "a \"quoted\" \\ value"}).content("ü\\\"").build();
  append({write_of(event)});
  const auto found = read_all(store(), FilterBuilder().ids({7}).build());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].event->json, event->json);
  EXPECT_EQ(found[0].event->tags_json(), event->tags_json());
}

TEST_P(Append, AnswersEveryWriteInOrder) {
  EXPECT_THAT(add({EventBuilder(1), EventBuilder(2), EventBuilder(1)}),
              ElementsAre(Outcome::accepted, Outcome::accepted, Outcome::duplicate));
}

TEST_P(Append, NothingIsAFineBatch) {
  const auto result = append({});
  EXPECT_THAT(result.results, IsEmpty());
  EXPECT_EQ(result.batch->last, 0u);
}

TEST_P(Append, DuplicateOfAnEarlierBatchIsNotStoredAgain) {
  add(EventBuilder(1));
  const auto result = append({write_of(EventBuilder(1))});
  EXPECT_THAT(outcomes_of(result), ElementsAre(Outcome::duplicate));
  EXPECT_THAT(result.batch->events, IsEmpty());
  EXPECT_THAT(everything(), ElementsAre(1));
}

TEST_P(Append, NumbersFollowEachOther) {
  const auto first = append(writes_of({EventBuilder(5), EventBuilder(4)}));
  ASSERT_EQ(first.batch->events.size(), 2u);
  EXPECT_EQ(first.batch->events[0].seq, 1u);
  EXPECT_EQ(first.batch->events[1].seq, 2u);
  EXPECT_EQ(first.batch->last, 2u);

  const auto second = append(writes_of({EventBuilder(5), EventBuilder(6)}));
  EXPECT_EQ(second.batch->events[0].seq, 3u);
  EXPECT_EQ(second.batch->last, 3u);
  EXPECT_EQ(read_all(store(), FilterBuilder().ids({6}).build())[0].seq, 3u);
}

TEST_P(Append, BatchThatChangesNothingKeepsTheNumber) {
  add(EventBuilder(1));
  EXPECT_EQ(append(writes_of({EventBuilder(1)})).batch->last, 1u);
  const auto passed_on = append(writes_of({EventBuilder(2).kind(20001)}));
  EXPECT_EQ(passed_on.batch->last, store().shared() ? 2u : 1u) << "others hear of it by a commit";
}

TEST_P(Append, EphemeralEventsPassButAreNotKept) {
  const auto result = append(writes_of({EventBuilder(1).kind(20000), EventBuilder(2).kind(29999)}));
  EXPECT_THAT(outcomes_of(result), ElementsAre(Outcome::accepted, Outcome::accepted));
  ASSERT_EQ(result.batch->events.size(), 2u);
  EXPECT_EQ(result.batch->events[0].seq, 0u);
  EXPECT_THAT(everything(), IsEmpty());
  EXPECT_EQ(add(EventBuilder(1).kind(20000)), Outcome::accepted);
}

TEST_P(Append, KindsOutsideTheRangesAreRegular) {
  add({EventBuilder(1).kind(443).at(1), EventBuilder(2).kind(443).at(2),
       EventBuilder(3).kind(445).at(3), EventBuilder(4).kind(62).at(4),
       EventBuilder(5).kind(65535).at(5), EventBuilder(6).kind(40000).at(6)});
  EXPECT_THAT(everything(), ElementsAre(6, 5, 4, 3, 2, 1));
}

TEST_P(Append, MarkAndExpiryComeBackWithTheEvent) {
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.expires_at = 5000, .mark = 9};
  };
  const auto result = append(
      {write_of(EventBuilder(1), 6000), write_of(EventBuilder(2), 4000), write_of(EventBuilder(3))},
      stager);
  const auto found = read_all(store(), FilterBuilder().build());
  ASSERT_EQ(found.size(), 3u);
  for (const auto* events : {&result.batch->events, &found}) {
    EXPECT_EQ((*events)[0].mark, 9);
    EXPECT_EQ((*events)[0].expires_at, 5000) << "the earlier of both holds";
    EXPECT_EQ((*events)[1].expires_at, 4000);
    EXPECT_EQ((*events)[2].expires_at, 5000);
  }
}

TEST_P(Append, LargeEventsAndManyTagsAreKept) {
  auto event = EventBuilder(1).content(std::string(400'000, 'x'));
  for (int i = 0; i < 3000; ++i) event.tag({"p", hex(static_cast<std::uint64_t>(i))});
  EXPECT_EQ(add(event), Outcome::accepted);
  EXPECT_THAT(find(FilterBuilder().tag('p', {hex(2999)})), ElementsAre(1));
}

}  // namespace
}  // namespace test
