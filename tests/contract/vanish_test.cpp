// Requests to vanish (NIP-62).
#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class Vanishing : public Contract {
 protected:
  static constexpr std::size_t bound = store::Store::max_vanish_per_commit;

  static store::Write request(std::uint64_t id, std::int64_t at, std::uint64_t author = 1) {
    auto write = write_of(EventBuilder(id).kind(62).by(author).at(at));
    write.vanishes = true;
    return write;
  }
  Outcome vanish(const store::Write& write, const store::Stager& stager = store::NoStager()) {
    return append({write}, stager).results.front().outcome;
  }
  static EventBuilder wrap(std::uint64_t id, std::uint64_t recipient) {
    return EventBuilder(id).by(77).kind(1059).tag({"p", hex(recipient)});
  }
  /// Notes first_note, first_note + 1, … of author 1, at time 10.
  void add_notes(std::size_t count) {
    std::vector<EventBuilder> notes;
    for (std::size_t i = 0; i < count; ++i) notes.push_back(EventBuilder(first_note + i).at(10));
    add(notes);
  }
  static constexpr std::uint64_t first_note = 100'000;
};
FOR_EVERY_STORE(Vanishing);

TEST_P(Vanishing, ErasesWhatTheAuthorWroteUpToThatTime) {
  add({EventBuilder(1).at(9), EventBuilder(2).at(10), EventBuilder(3).at(11),
       EventBuilder(4).at(8).kind(0), EventBuilder(5).at(7).kind(30023).tag({"d", "x"}),
       EventBuilder(6).at(6).kind(5), EventBuilder(7).at(5).by(2)});
  EXPECT_EQ(vanish(request(50, 10)), Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(3, 50, 7));
  EXPECT_EQ(purge(0).removed, 0u);
}

TEST_P(Vanishing, IsServedAndARepeatedRequestIsADuplicate) {
  add(EventBuilder(1).at(9));
  const auto result = append({request(50, 10), request(50, 10)});
  EXPECT_THAT(outcomes_of(result), ElementsAre(Outcome::accepted, Outcome::duplicate));
  ASSERT_EQ(result.batch->events.size(), 1u);
  EXPECT_EQ(result.batch->events[0].seq, 2u);
  EXPECT_EQ(vanish(request(50, 10)), Outcome::duplicate);
  EXPECT_THAT(find(FilterBuilder().kinds({62})), ElementsAre(50));
}

TEST_P(Vanishing, BarsOlderEventsForGood) {
  add(EventBuilder(1).at(9));
  vanish(request(50, 10));
  EXPECT_THAT(add({EventBuilder(1).at(9), EventBuilder(2).at(10), EventBuilder(3).at(4).kind(5),
                   EventBuilder(4).at(11), EventBuilder(5).at(9).by(2)}),
              ElementsAre(Outcome::deleted, Outcome::deleted, Outcome::deleted, Outcome::accepted,
                          Outcome::accepted));
  EXPECT_THAT(everything(), ElementsAre(4, 50, 5));
}

TEST_P(Vanishing, TimeOnlyMovesForward) {
  vanish(request(50, 10));
  EXPECT_EQ(vanish(request(51, 9)), Outcome::deleted);
  EXPECT_EQ(add(EventBuilder(1).at(10)), Outcome::deleted);
  add(EventBuilder(2).at(15));
  EXPECT_EQ(vanish(request(52, 20)), Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(52)) << "the older request goes with the rest";
  EXPECT_EQ(add(EventBuilder(3).at(20)), Outcome::deleted);
  EXPECT_EQ(add(EventBuilder(4).at(21)), Outcome::accepted);
}

TEST_P(Vanishing, GiftWrapsForTheAuthorGoAndDoNotComeBack) {
  const auto late = wrap(3, 1).at(500);
  add({wrap(1, 1).at(5), wrap(2, 2).at(5), late, EventBuilder(4).by(77).at(5).tag({"p", hex(1)})});
  vanish(request(50, 10));
  EXPECT_THAT(everything(), ElementsAre(50, 2, 4)) << "a wrap's time means nothing";
  EXPECT_THAT(add({late, wrap(5, 1).at(5)}), ElementsAre(Outcome::deleted, Outcome::accepted));
}

TEST_P(Vanishing, WrapByAndForTheAuthorGoesOnce) {
  add({EventBuilder(1).kind(1059).at(5).tag({"p", hex(1)}).tag({"p", hex(1)}),
       EventBuilder(2).kind(1059).at(50).tag({"p", hex(1)})});
  vanish(request(50, 10));
  EXPECT_THAT(everything(), ElementsAre(50));
}

TEST_P(Vanishing, SeesTheWritesBeforeItInItsBatch) {
  EXPECT_THAT(outcomes_of(append({write_of(EventBuilder(1).at(5)), request(50, 10),
                                  write_of(EventBuilder(2).at(5))})),
              ElementsAre(Outcome::accepted, Outcome::accepted, Outcome::deleted));
  EXPECT_THAT(everything(), ElementsAre(50));
}

TEST_P(Vanishing, RowsGoInTheSameCommit) {
  set_rows({{"x/1", "one"}, {"x/2", "two"}, {"x/3", "three"}});
  add({EventBuilder(1).at(5), wrap(2, 1), EventBuilder(3).at(11)});
  TestStager stager;
  stager.on_stage_erase = [](const store::StoredEvent& erased, const auto&) {
    return std::vector<store::RowChange>{
        {fmt::format("x/{}", number_of(erased.event->id)), std::nullopt}};
  };
  const auto result = append({request(50, 10)}, stager);
  EXPECT_EQ(result.batch->changes.size(), 2u);
  EXPECT_EQ(row("x/1"), std::nullopt);
  EXPECT_EQ(row("x/2"), std::nullopt);
  EXPECT_EQ(row("x/3"), "three");
}

TEST_P(Vanishing, DeletionCannotUndoIt) {
  const auto deletion = EventBuilder(60).kind(5).at(30).tag({"e", hex(50)}).tag({"e", hex(51)});
  vanish(request(50, 10));
  add(deletion);
  EXPECT_THAT(everything(), ElementsAre(60, 50));
  EXPECT_EQ(add(EventBuilder(1).at(5)), Outcome::deleted);
  EXPECT_EQ(vanish(request(51, 20)), Outcome::accepted) << "nor before it arrives";
  EXPECT_EQ(add(EventBuilder(1).at(15)), Outcome::deleted);
}

TEST_P(Vanishing, RequestToAnotherRelayIsAnOrdinaryEvent) {
  add({EventBuilder(1).at(5), EventBuilder(50).kind(62).at(10)});
  EXPECT_THAT(everything(), ElementsAre(50, 1));
  EXPECT_EQ(add(EventBuilder(2).at(4)), Outcome::accepted);
}

TEST_P(Vanishing, RefusedRequestDoesNothing) {
  add(EventBuilder(1).at(5));
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) -> std::expected<store::Staged, store::Refusal> {
    return std::unexpected(store::Refusal{"blocked: no"});
  };
  EXPECT_EQ(vanish(request(50, 10), stager), Outcome::refused);
  EXPECT_THAT(everything(), ElementsAre(1));
  EXPECT_EQ(add(EventBuilder(2).at(4)), Outcome::accepted);
}

TEST_P(Vanishing, RemainderIsInvisibleAtOnceAndPurgedInSlices) {
  add(wrap(1, 1));
  add_notes(bound + 2);
  TestStager stager;
  stager.on_stage_erase = [](const auto&, const auto&) {
    return std::vector<store::RowChange>{{"x/erased", std::nullopt}};
  };
  EXPECT_EQ(append({request(50, 10)}, stager).batch->changes.size(), bound);
  EXPECT_THAT(everything(), ElementsAre(50));
  EXPECT_THAT(find(FilterBuilder().ids({1, first_note + bound + 1})), IsEmpty());
  EXPECT_THAT(find(FilterBuilder().tag('p', {hex(1)})), IsEmpty());

  const auto later = wrap(2, 1);
  EXPECT_EQ(add(later), Outcome::accepted) << "came after the request";
  const auto some = purge(0, 2, stager), rest = purge(0, 2, stager);
  EXPECT_EQ(some.removed, 2u);
  EXPECT_EQ(some.batch->changes.size(), 2u);
  EXPECT_EQ(rest.removed, 1u);
  EXPECT_EQ(rest.batch->changes.size(), 1u);
  EXPECT_EQ(purge(0, 2, stager).removed, 0u);
  EXPECT_THAT(everything(), ElementsAre(2, 50));
}

TEST_P(Vanishing, RemainderThatFillsTheSliceLeavesNothingToDo) {
  add_notes(bound + 2);
  vanish(request(50, 10));
  EXPECT_EQ(purge(0, 2).removed, 2u);
  const auto last = append({}).batch->last;
  EXPECT_EQ(purge(0, 2).batch->last, last);
}

TEST_P(Vanishing, OneCommitErasesNoMoreForManyRequests) {
  add_notes(bound);
  add({EventBuilder(1).by(2).at(5), EventBuilder(2).by(3).at(5)});
  append({request(50, 10), request(51, 10, 2), request(52, 10, 3)});
  EXPECT_THAT(everything(), ElementsAre(50, 51, 52));
  EXPECT_EQ(purge(0, 10).removed, 2u);
  EXPECT_THAT(everything(), ElementsAre(50, 51, 52));
}

TEST_P(Vanishing, WhatIsLeftIsInNobodysWay) {
  const auto left = wrap(1, 1);
  add({left, EventBuilder(2).kind(0).at(5)});
  add_notes(bound);
  vanish(request(50, 10));
  EXPECT_THAT(add({left, EventBuilder(2).kind(0).at(5), EventBuilder(3).kind(0).at(11)}),
              ElementsAre(Outcome::deleted, Outcome::deleted, Outcome::accepted));
  EXPECT_THAT(everything(), ElementsAre(3, 50));
  EXPECT_EQ(purge(0, 10).removed, 0u);
}

TEST_P(Vanishing, NewerRequestTakesOverWhatIsLeft) {
  add_notes(bound + 2);
  vanish(request(50, 10));
  add(EventBuilder(1).at(15));
  vanish(request(51, 20));
  EXPECT_THAT(everything(), ElementsAre(51));
  EXPECT_EQ(purge(0, 10).removed, 0u);
}

}  // namespace
}  // namespace test
