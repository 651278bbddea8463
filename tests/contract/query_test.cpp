#include <limits>

#include "contract/contract.h"

namespace test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Query : public Contract {};
FOR_EVERY_STORE(Query);

TEST_P(Query, NewestFirstThenLowestId) {
  add({EventBuilder(3).at(10), EventBuilder(1).at(10), EventBuilder(2).at(20),
       EventBuilder(4).at(5)});
  EXPECT_THAT(everything(), ElementsAre(2, 1, 3, 4));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2, 3, 4})), ElementsAre(2, 1, 3, 4));
  EXPECT_THAT(find(FilterBuilder().kinds({1})), ElementsAre(2, 1, 3, 4));
}

TEST_P(Query, EmptyListMatchesNothing) {
  add(EventBuilder(1));
  for (const auto& filter :
       {FilterBuilder().ids({}), FilterBuilder().authors({}), FilterBuilder().kinds({}),
        FilterBuilder().tag('t', {}), FilterBuilder().since(9).until(8)}) {
    const auto page = read_page(store(), filter.build());
    EXPECT_THAT(page.events, IsEmpty());
    EXPECT_FALSE(page.next);
  }
}

TEST_P(Query, ConditionsAreAConjunction) {
  add({EventBuilder(1).by(1).kind(1).tag({"t", "a"}), EventBuilder(2).by(2).kind(1).tag({"t", "a"}),
       EventBuilder(3).by(1).kind(2).tag({"t", "a"}), EventBuilder(4).by(1).kind(1).tag({"t", "b"}),
       EventBuilder(5).by(1).kind(1).tag({"t", "a"}).tag({"p", hex(9)})});
  EXPECT_THAT(find(FilterBuilder().authors({1}).kinds({1}).tag('t', {"a"})), ElementsAre(1, 5));
  EXPECT_THAT(find(FilterBuilder().tag('t', {"a", "b"}).tag('p', {hex(9)})), ElementsAre(5));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2, 3}).kinds({1})), ElementsAre(1, 2));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2}).tag('p', {hex(9)})), IsEmpty());
}

TEST_P(Query, SinceAndUntilAreInclusive) {
  add({EventBuilder(1).at(1), EventBuilder(2).at(2), EventBuilder(3).at(3), EventBuilder(4).at(4)});
  for (const auto& narrowed :
       {FilterBuilder(), FilterBuilder().kinds({1}), FilterBuilder().authors({1}),
        FilterBuilder().authors({1}).kinds({1}), FilterBuilder().ids({1, 2, 3, 4})}) {
    EXPECT_THAT(find(FilterBuilder(narrowed).since(2).until(3)), ElementsAre(3, 2));
    EXPECT_THAT(find(FilterBuilder(narrowed).since(4)), ElementsAre(4));
    EXPECT_THAT(find(FilterBuilder(narrowed).until(1)), ElementsAre(1));
    EXPECT_THAT(find(FilterBuilder(narrowed).since(5)), IsEmpty());
    EXPECT_THAT(find(FilterBuilder(narrowed).until(0)), IsEmpty());
  }
}

TEST_P(Query, ExtremeTimesAreFine) {
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  constexpr auto first = std::numeric_limits<std::int64_t>::min();
  add({EventBuilder(1).at(0), EventBuilder(2).at(last)});
  EXPECT_THAT(everything(), ElementsAre(2, 1));
  EXPECT_THAT(find(FilterBuilder().since(first).until(last)), ElementsAre(2, 1));
  EXPECT_THAT(find(FilterBuilder().since(last)), ElementsAre(2));
  EXPECT_THAT(find(FilterBuilder().until(-1)), IsEmpty());
  EXPECT_THAT(find(FilterBuilder().until(first)), IsEmpty());
  EXPECT_THAT(find(FilterBuilder().until(0)), ElementsAre(1));
  EXPECT_THAT(find(FilterBuilder().since(-1).until(0)), ElementsAre(1));
}

TEST_P(Query, OnlyTheFirstValueOfOneLetterTagsIsIndexed) {
  add({EventBuilder(1).tag({"t", "a", "b"}), EventBuilder(2).tag({"tt", "a"}),
       EventBuilder(3).tag({"T", "a"}), EventBuilder(4).tag({"t"}),
       EventBuilder(5).tag({"t", ""})});
  EXPECT_THAT(find(FilterBuilder().tag('t', {"a"})), ElementsAre(1));
  EXPECT_THAT(find(FilterBuilder().tag('t', {"b"})), IsEmpty());
  EXPECT_THAT(find(FilterBuilder().tag('T', {"a"})), ElementsAre(3));
  EXPECT_THAT(find(FilterBuilder().tag('t', {""})), ElementsAre(5));
}

TEST_P(Query, LongTagValuesMatchExactly) {
  const std::string value(2000, 'v');
  add({EventBuilder(1).tag({"r", value}), EventBuilder(2).tag({"r", value + "w"})});
  EXPECT_THAT(find(FilterBuilder().tag('r', {value})), ElementsAre(1));
}

TEST_P(Query, AnEventIsFoundOnceHoweverManyValuesMatch) {
  add({EventBuilder(1).at(2).tag({"t", "a"}).tag({"t", "b"}).tag({"t", "a"}),
       EventBuilder(2).at(1).tag({"t", "b"})});
  EXPECT_THAT(find(FilterBuilder().tag('t', {"a", "b", "c"})), ElementsAre(1, 2));
  EXPECT_THAT(find(FilterBuilder().tag('t', {"a", "b", "c"}), {.max_events = 1}),
              ElementsAre(1, 2));
}

TEST_P(Query, WordTagsOfOneAuthorAreFound) {
  add({EventBuilder(1).by(1).kind(30078).tag({"d", "settings"}),
       EventBuilder(2).by(2).kind(30078).tag({"d", "settings"}),
       EventBuilder(3).by(1).kind(30078).tag({"d", "other"})});
  EXPECT_THAT(find(FilterBuilder().authors({1}).kinds({30078}).tag('d', {"settings"})),
              ElementsAre(1));
  EXPECT_THAT(find(FilterBuilder().authors({1}).tag('d', {"settings"})), ElementsAre(1));
}

TEST_P(Query, VeryManyAuthorsAndKindsAreFine) {
  Ids authors;
  std::vector<nostr::Kind> kinds;
  for (std::uint64_t i = 1; i <= 2000; ++i) authors.push_back(i);
  for (nostr::Kind kind = 1000; kind < 1020; ++kind) kinds.push_back(kind);
  add({EventBuilder(1).by(1).kind(1000).at(1), EventBuilder(2).by(2000).kind(1019).at(2),
       EventBuilder(3).by(2000).kind(1020).at(3), EventBuilder(4).by(2001).kind(1000).at(4)});
  EXPECT_THAT(find(FilterBuilder().authors(authors).kinds(kinds)), ElementsAre(2, 1));
  EXPECT_THAT(find(FilterBuilder().authors(authors).kinds(kinds), {.max_scanned = 1}),
              ElementsAre(2, 1));
}

/// Filters of every shape a plan is made for, over the events of fill().
std::vector<FilterBuilder> every_shape() {
  Ids ids;
  for (std::uint64_t id = 1; id <= 60; id += 2) ids.push_back(id);
  return {FilterBuilder(),
          FilterBuilder().ids(ids),
          FilterBuilder().authors({1, 2}),
          FilterBuilder().kinds({1, 7}),
          FilterBuilder().authors({0, 2}).kinds({1, 2}),
          FilterBuilder().tag('t', {"0", "1"}),
          FilterBuilder().tag('p', {hex(0), hex(1), hex(2)}).tag('t', {"1", "2"}),
          FilterBuilder().tag('t', {"0"}).authors({1}),
          FilterBuilder().since(20).until(70),
          FilterBuilder().kinds({1, 2, 7}).since(33).until(34),
          FilterBuilder().tag('t', {"0", "1", "2"}).until(50)};
}

std::vector<EventBuilder> sixty_events() {
  std::vector<EventBuilder> events;
  for (std::uint64_t id = 1; id <= 60; ++id) {
    events.push_back(EventBuilder(id)
                         .by(id % 3)
                         .kind(id % 2   ? 1
                               : id % 5 ? 2
                                        : 7)
                         .at(static_cast<std::int64_t>(id * 37 % 80))
                         .tag({"t", std::to_string(id % 4)})
                         .tag({"t", std::to_string(id % 3)})
                         .tag({"p", hex(id % 5)}));
  }
  return events;
}

TEST_P(Query, TinyPagesAddUpToTheWhole) {
  add(sixty_events());
  for (const auto& filter : every_shape()) {
    const Ids whole = find(filter);
    EXPECT_GT(whole.size(), 1u);
    for (const std::size_t max_events : {1u, 2u, 7u}) {
      for (const std::size_t max_scanned : {1u, 3u, 1000u}) {
        EXPECT_EQ(find(filter, {.max_events = max_events, .max_scanned = max_scanned}), whole);
      }
    }
  }
}

TEST_P(Query, AFullLastPageMayEndTheQuery) {
  add({EventBuilder(1).at(1), EventBuilder(2).at(2)});
  const nostr::Filter filter;
  auto page = read_page(store(), filter, {.max_events = 2});
  EXPECT_EQ(page.events.size(), 2u);
  if (page.next) {
    page = must(
        await(store().query({.filter = filter, .after = page.next, .up_to = {}, .max_events = 2})));
    EXPECT_THAT(page.events, IsEmpty());
    EXPECT_FALSE(page.next);
  }
}

TEST_P(Query, ScanLimitEndsAPageThatFindsNothing) {
  std::vector<EventBuilder> events;
  for (std::uint64_t id = 1; id <= 50; ++id)
    events.push_back(EventBuilder(id).by(1).tag({"t", "a"}));
  add(events);
  const auto filter = FilterBuilder().kinds({1}).tag('t', {"a"}).tag('p', {hex(1), hex(2)}).build();
  const auto narrow = FilterBuilder().kinds({1}).tag('t', {"a"}).tag('u', {"x", "y"}).build();
  EXPECT_THAT(read_all(store(), filter, {.max_scanned = 4}), IsEmpty());
  const auto page = read_page(store(), narrow, {.max_scanned = 4});
  EXPECT_THAT(page.events, IsEmpty());
  EXPECT_TRUE(page.next) << "nothing found yet does not mean nothing more";
}

TEST_P(Query, ResumesBehindAPlaceWhoseEventIsGone) {
  add({EventBuilder(1).at(30), EventBuilder(2).at(20), EventBuilder(3).at(10)});
  const nostr::Filter filter;
  const store::Position gone{.created_at = 20, .id = bytes32(2)};
  add(EventBuilder(9).kind(5).at(1).tag({"e", hex(2)}));
  const auto page = read_page(store(), filter, {}, gone);
  EXPECT_THAT(ids_of(page.events), ElementsAre(3, 9));
}

TEST_P(Query, ResumePlaceAndUntilBothHold) {
  add({EventBuilder(1).at(40), EventBuilder(2).at(30), EventBuilder(3).at(20),
       EventBuilder(4).at(10)});
  const auto filter = FilterBuilder().until(20).build();
  const auto early = read_page(store(), filter, {}, store::Position{40, bytes32(1)});
  EXPECT_THAT(ids_of(early.events), ElementsAre(3, 4));
  const auto late = read_page(store(), filter, {}, store::Position{20, bytes32(3)});
  EXPECT_THAT(ids_of(late.events), ElementsAre(4));
}

TEST_P(Query, UpToLeavesOutWhatWasCommittedLater) {
  add({EventBuilder(1), EventBuilder(2)});
  const nostr::Filter filter;
  const auto page = read_page(store(), filter, {.max_events = 1});
  EXPECT_EQ(page.snapshot, 2u);
  add(EventBuilder(3));
  EXPECT_THAT(find(FilterBuilder(), {.up_to = page.snapshot}), ElementsAre(1, 2));
  EXPECT_THAT(find(FilterBuilder().ids({1, 3}), {.up_to = page.snapshot}), ElementsAre(1));
  EXPECT_EQ(read_page(store(), filter).snapshot, 3u);
}

TEST_P(Query, SnapshotIsTheNewestCommitEvenOfRowsAlone) {
  const nostr::Filter filter;
  EXPECT_EQ(read_page(store(), filter).snapshot, 0u);
  set_rows({{"x/a", "1"}});
  EXPECT_EQ(read_page(store(), filter).snapshot, 1u);
}

}  // namespace
}  // namespace test
