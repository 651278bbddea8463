#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class Expiry : public Contract {};
FOR_EVERY_STORE(Expiry);

TEST_P(Expiry, ExpiredEventsAreHiddenBeforeThePurge) {
  append(
      {write_of(EventBuilder(1), 100), write_of(EventBuilder(2), 101), write_of(EventBuilder(3))});
  EXPECT_THAT(find(FilterBuilder(), {.now = 99}), ElementsAre(1, 2, 3));
  EXPECT_THAT(find(FilterBuilder(), {.now = 100}), ElementsAre(2, 3));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2}), {.now = 100}), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().kinds({1}), {.now = 500}), ElementsAre(3));
}

TEST_P(Expiry, PurgeRemovesTheLongestExpiredFirst) {
  append({write_of(EventBuilder(1), 102), write_of(EventBuilder(2), 100),
          write_of(EventBuilder(3), 101), write_of(EventBuilder(4), 300),
          write_of(EventBuilder(5))});
  EXPECT_EQ(purge(200, 2).removed, 2u);
  EXPECT_THAT(everything(), ElementsAre(1, 4, 5));
  EXPECT_EQ(purge(200, 2).removed, 1u);
  EXPECT_EQ(purge(200, 2).removed, 0u);
  EXPECT_THAT(everything(), ElementsAre(4, 5));
}

TEST_P(Expiry, PurgedEventMayComeBack) {
  append({write_of(EventBuilder(1), 100)});
  EXPECT_EQ(add(EventBuilder(1)), Outcome::duplicate);
  purge(100);
  EXPECT_EQ(add(EventBuilder(1)), Outcome::accepted);
}

TEST_P(Expiry, WhatHasExpiredIsNotInTheWayOfWhatComes) {
  append({write_of(EventBuilder(1), 100), write_of(EventBuilder(2).kind(0).at(50), 100)});
  auto again = write_of(EventBuilder(1)), older = write_of(EventBuilder(3).kind(0).at(40));
  again.received_at = older.received_at = 100;
  const auto results = append({again, older}).results;
  EXPECT_EQ(results[0].outcome, Outcome::accepted);
  EXPECT_EQ(results[1].outcome, Outcome::accepted);
  EXPECT_THAT(find(FilterBuilder(), {.now = 200}), ElementsAre(1, 3));
}

TEST_P(Expiry, PurgeErasesRowsAndTellsTheWorkers) {
  TestStager stager;
  stager.on_erase_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  stager.on_stage_erase = [](const auto& erased, const auto& rows) {
    const int count = rows.get("x/count") ? std::stoi(std::string(*rows.get("x/count"))) : 0;
    return std::vector<store::RowChange>{
        {"x/" + std::to_string(number_of(erased.event->id)), std::nullopt},
        {"x/count", std::to_string(count - 1)}};
  };
  set_rows({{"x/1", "one"}, {"x/2", "two"}, {"x/3", "three"}, {"x/count", "3"}});
  append({write_of(EventBuilder(1), 100), write_of(EventBuilder(2), 100),
          write_of(EventBuilder(3), 900)});
  const auto purged = purge(100, 100, stager);
  EXPECT_EQ(purged.removed, 2u);
  EXPECT_THAT(purged.batch->events, IsEmpty());
  EXPECT_EQ(purged.batch->changes.size(), 4u);
  EXPECT_EQ(purged.batch->last, 5u) << "rows 1, events 2 to 4, purge 5";
  EXPECT_EQ(row("x/1"), std::nullopt);
  EXPECT_EQ(row("x/3"), "three");
  EXPECT_EQ(row("x/count"), "1");
}

TEST_P(Expiry, EmptyPurgeIsNoCommit) {
  add(EventBuilder(1));
  const auto purged = purge(1'000'000);
  EXPECT_EQ(purged.removed, 0u);
  EXPECT_EQ(purged.batch->last, 1u);
}

TEST_P(Expiry, ReplacedEventIsNotPurgedTwice) {
  append({write_of(EventBuilder(1).kind(0).at(1), 100)});
  append({write_of(EventBuilder(2).kind(0).at(2))});
  EXPECT_EQ(purge(200).removed, 0u);
  EXPECT_THAT(everything(), ElementsAre(2));
}

TEST_P(Expiry, PurgedReplaceableFreesItsAddress) {
  append({write_of(EventBuilder(2).kind(0).at(2), 100)});
  purge(100);
  EXPECT_EQ(add(EventBuilder(1).kind(0).at(1)), Outcome::accepted);
}

}  // namespace
}  // namespace test
