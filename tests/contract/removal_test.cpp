#include "store/removal.h"

#include "contract/contract.h"
#include "store/retention_sweep.h"

namespace test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr base::UnixSeconds day_s = 86'400;

/// Each event has a row named after it, which goes with it.
class Removal : public Contract {
 protected:
  Removal() {
    stager_.on_stage = [](const store::Write& write, const auto&) {
      return store::Staged{.changes = {{row_of(*write.event), "1"}}};
    };
    stager_.on_stage_erase = [](const store::StoredEvent& erased, const auto&) {
      return std::vector<store::RowChange>{{row_of(*erased.event), std::nullopt}};
    };
  }

  static std::string row_of(const nostr::Event& event) {
    return "x/" + std::to_string(number_of(event.id));
  }
  void keep(const std::vector<EventBuilder>& events) { append(writes_of(events), stager_); }

  store::Removed remove(
      const FilterBuilder& filter, std::size_t max = 100,
      const std::function<bool(const nostr::Event&)>& chosen = [](const auto&) { return true; }) {
    const nostr::Filter asked = filter.build();
    return must(await(store::remove_page(
        store(), {.filter = asked, .after = std::nullopt, .up_to = std::nullopt, .max_events = max},
        chosen, stager_)));
  }

  /// Sweeps to the end; returns how many went.
  std::size_t sweep(const std::vector<std::string>& rules, base::UnixSeconds now,
                    std::size_t max = 100) {
    std::vector<nostr::RetentionRule> parsed;
    for (const auto& rule : rules) parsed.push_back(*nostr::parse_retention_rule(rule));
    store::RetentionSweep sweep{nostr::Retention(std::move(parsed))};
    std::size_t removed = 0;
    while (!sweep.done()) removed += must(await(sweep.step(store(), now, max, stager_))).events;
    return removed;
  }

  TestStager stager_;
};
FOR_EVERY_STORE(Removal);

TEST_P(Removal, TakesWhatIsChosenWithItsRows) {
  keep({EventBuilder(1), EventBuilder(2).kind(7), EventBuilder(3)});
  const auto removed = remove(FilterBuilder().kinds({1}), 100,
                              [](const auto& event) { return number_of(event.id) == 3; });
  EXPECT_EQ(removed.events, 1u);
  EXPECT_FALSE(removed.next);
  EXPECT_THAT(everything(), ElementsAre(1, 2));
  EXPECT_EQ(row("x/3"), std::nullopt);
  EXPECT_EQ(row("x/1"), "1");
  ASSERT_TRUE(removed.batch);
  EXPECT_EQ(removed.batch->changes.size(), 1u);
}

TEST_P(Removal, GoesPageByPage) {
  keep({EventBuilder(1).at(3), EventBuilder(2).at(2), EventBuilder(3).at(1)});
  const auto removed = remove(FilterBuilder(), 2);
  EXPECT_EQ(removed.events, 2u);
  EXPECT_TRUE(removed.next);
  EXPECT_THAT(everything(), ElementsAre(3));
}

TEST_P(Removal, ThatFindsNothingCommitsNothing) {
  keep({EventBuilder(1)});
  EXPECT_EQ(remove(FilterBuilder().kinds({9})).batch, nullptr);
  EXPECT_EQ(must(await(store().info())).last, 1u);
}

TEST_P(Removal, LeavesNoTombstone) {
  keep({EventBuilder(1)});
  remove(FilterBuilder());
  EXPECT_EQ(add(EventBuilder(1)), store::Outcome::accepted);
}

TEST_P(Removal, SweepKeepsToTheFirstRuleThatCoversAKind) {
  keep({EventBuilder(1).kind(1).at(100 * day_s), EventBuilder(2).kind(1).at(90 * day_s),
        EventBuilder(3).kind(0).at(1), EventBuilder(4).kind(7).at(99 * day_s),
        EventBuilder(5).kind(1500).at(99 * day_s), EventBuilder(6).kind(9999).at(50 * day_s)});
  EXPECT_EQ(sweep({"1: 5d", "0: forever", "7: 0", "1000-1999: 12h", "*: 60d"}, 100 * day_s), 3u);
  EXPECT_THAT(everything(), UnorderedElementsAre(1, 3, 6));
  EXPECT_EQ(row("x/2"), std::nullopt);
  EXPECT_EQ(row("x/1"), "1");
}

TEST_P(Removal, SweepEndsInTheVerySecondAndGivesGiftWrapsTwoDays) {
  keep({EventBuilder(1).kind(1).at(day_s), EventBuilder(2).kind(1).at(day_s + 1),
        EventBuilder(3).kind(1059).at(day_s), EventBuilder(4).kind(1059).at(day_s + 1)});
  EXPECT_EQ(sweep({"*: 1d"}, 2 * day_s), 1u);
  EXPECT_THAT(everything(), UnorderedElementsAre(2, 3, 4));
  EXPECT_EQ(sweep({"*: 1d"}, 4 * day_s), 2u);
  EXPECT_THAT(everything(), ElementsAre(4));
}

TEST_P(Removal, SweepGoesInSlicesOverWhatAnEarlierRuleKeeps) {
  std::vector<EventBuilder> events;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    const auto kind = static_cast<nostr::Kind>(id % 2);
    events.push_back(EventBuilder(id).by(id).kind(kind).at(static_cast<std::int64_t>(id)));
  }
  keep(events);
  EXPECT_EQ(sweep({"0: forever", "0-65535: 1d"}, 10 * day_s, 3), 10u);
  EXPECT_EQ(everything().size(), 10u);
  EXPECT_THAT(find(FilterBuilder().kinds({1})), IsEmpty());
}

TEST_P(Removal, SweepWithoutAnEndIsDoneAtOnce) {
  EXPECT_TRUE(store::RetentionSweep(nostr::Retention()).done());
  EXPECT_EQ(sweep({"*: forever"}, 1), 0u);
}

}  // namespace
}  // namespace test
