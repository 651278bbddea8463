#include <algorithm>

#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using testing::ElementsAre;

class Replacement : public Contract {};
FOR_EVERY_STORE(Replacement);

EventBuilder profile(std::uint64_t id, std::int64_t at) { return EventBuilder(id).kind(0).at(at); }

TEST_P(Replacement, NewerVersionTakesThePlaceOfTheOlder) {
  EXPECT_THAT(add({profile(1, 10), profile(2, 20)}),
              ElementsAre(Outcome::accepted, Outcome::accepted));
  EXPECT_THAT(everything(), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().ids({1})), testing::IsEmpty());
}

TEST_P(Replacement, OlderVersionIsStale) {
  add(profile(2, 20));
  const auto result = append({write_of(profile(1, 10))});
  EXPECT_THAT(outcomes_of(result), ElementsAre(Outcome::stale));
  EXPECT_THAT(result.batch->events, testing::IsEmpty());
  EXPECT_THAT(everything(), ElementsAre(2));
}

TEST_P(Replacement, LowestIdWinsAmongEqualTimes) {
  EXPECT_THAT(add({profile(5, 10), profile(6, 10), profile(4, 10)}),
              ElementsAre(Outcome::accepted, Outcome::stale, Outcome::accepted));
  EXPECT_THAT(everything(), ElementsAre(4));
}

TEST_P(Replacement, EveryArrivalOrderLeavesTheSameSurvivor) {
  std::vector<int> order = {0, 1, 2, 3};
  std::uint64_t author = 0;
  do {
    ++author;
    // Two versions share the newest second; the lower id must stand at the end.
    std::vector<EventBuilder> versions;
    const std::int64_t times[] = {10, 20, 30, 30};
    for (const int i : order) {
      versions.push_back(profile(author * 10 + static_cast<std::uint64_t>(i), times[i]).by(author));
    }
    if (author % 2 == 0) {
      add(versions);
    } else {
      for (const auto& version : versions) add(version);
    }
    EXPECT_THAT(find(FilterBuilder().authors({author})), ElementsAre(author * 10 + 2));
  } while (std::ranges::next_permutation(order).found);
  EXPECT_EQ(author, 24u);
}

TEST_P(Replacement, AddressIsKindAuthorAndD) {
  const auto article = [](std::uint64_t id) {
    return EventBuilder(id).kind(30023).at(static_cast<std::int64_t>(id));
  };
  add({article(1).tag({"d", "x"}), article(2).tag({"d", "x_y"}), article(3).tag({"d", "x"}).by(2),
       EventBuilder(4).kind(30024).at(4).tag({"d", "x"}), article(5).tag({"d", "x"})});
  EXPECT_THAT(everything(), ElementsAre(5, 4, 3, 2));
}

TEST_P(Replacement, FirstDTagCountsWhereverItStands) {
  add(EventBuilder(1).kind(30023).at(1).tag({"t", "a"}).tag({"d", "x"}).tag({"d", "y"}));
  add(EventBuilder(2).kind(30023).at(2).tag({"d", "x"}));
  add(EventBuilder(3).kind(30023).at(3).tag({"d", "y"}));
  EXPECT_THAT(everything(), ElementsAre(3, 2));
}

TEST_P(Replacement, AbsentBareAndEmptyDAreOneAddress) {
  add(EventBuilder(1).kind(30023).at(1));
  add(EventBuilder(2).kind(30023).at(2).tag({"d"}));
  add(EventBuilder(3).kind(30023).at(3).tag({"d", ""}));
  EXPECT_THAT(everything(), ElementsAre(3));
}

TEST_P(Replacement, ReplaceableKindsIgnoreD) {
  add(EventBuilder(1).kind(10002).at(1).tag({"d", "x"}));
  add(EventBuilder(2).kind(10002).at(2).tag({"d", "y"}));
  EXPECT_THAT(everything(), ElementsAre(2));
}

TEST_P(Replacement, ReplacedEventIsGoneFromEveryIndex) {
  add(profile(1, 10).tag({"t", "old"}));
  add(profile(2, 20).tag({"t", "new"}));
  EXPECT_THAT(find(FilterBuilder().tag('t', {"old", "new"})), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().kinds({0})), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().authors({1})), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().authors({1}).kinds({0})), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2})), ElementsAre(2));
}

}  // namespace
}  // namespace test
