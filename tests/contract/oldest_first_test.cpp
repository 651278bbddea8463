#include <algorithm>

#include "contract/contract.h"
#include "store/walk.h"

namespace test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OldestFirst : public Contract {
 protected:
  OldestFirst() {
    add({EventBuilder(3).at(10).tag({"t", "a"}), EventBuilder(1).at(10).by(2),
         EventBuilder(2).at(20).kind(7).tag({"t", "b"}), EventBuilder(4).at(0),
         EventBuilder(5).at(15).by(2).tag({"t", "a"}).tag({"t", "b"})});
  }

  Ids walk(std::optional<std::uint64_t> limit) {
    Ids found;
    const std::function<bool(const store::StoredEvent&)> visit = [&](const auto& stored) {
      found.push_back(number_of(stored.event->id));
      return true;
    };
    nostr::Filter asked;
    asked.limit = limit;
    must(await(store::walk_events(store(), asked, {.oldest_first = true}, visit)));
    return found;
  }
};
FOR_EVERY_STORE(OldestFirst);

TEST_P(OldestFirst, IsTheQueryOrderBackwards) {
  EXPECT_THAT(find(FilterBuilder(), {.oldest_first = true}), ElementsAre(4, 3, 1, 5, 2));
}

TEST_P(OldestFirst, IsTheSameInPagesOfAnySizeThroughAnyIndex) {
  for (const auto& filter :
       {FilterBuilder(), FilterBuilder().kinds({1, 7}), FilterBuilder().authors({1, 2}),
        FilterBuilder().authors({2}).kinds({1}), FilterBuilder().tag('t', {"a", "b"}),
        FilterBuilder().ids({5, 4, 3, 2, 1}), FilterBuilder().since(10).until(15),
        FilterBuilder().kinds({1}).since(1), FilterBuilder().until(10),
        FilterBuilder().ids({2, 3, 5}).since(11), FilterBuilder().tag('t', {"b"}).until(15)}) {
    Ids expected = find(filter);
    std::ranges::reverse(expected);
    for (const std::size_t size : {1, 2, 100}) {
      EXPECT_EQ(find(filter, {.max_events = size, .oldest_first = true}), expected);
      EXPECT_EQ(find(filter, {.max_scanned = size, .oldest_first = true}), expected);
    }
  }
}

TEST_P(OldestFirst, LeavesOutTheSame) {
  append({write_of(EventBuilder(6).at(5), 100)});
  EXPECT_THAT(find(FilterBuilder().until(9), {.now = 100, .oldest_first = true}), ElementsAre(4));
  EXPECT_THAT(find(FilterBuilder().until(9), {.now = 99, .oldest_first = true}), ElementsAre(4, 6));
  EXPECT_THAT(find(FilterBuilder().until(9), {.up_to = 5, .oldest_first = true}), ElementsAre(4));
  EXPECT_THAT(find(FilterBuilder().since(9).until(8), {.oldest_first = true}), IsEmpty());
}

TEST_P(OldestFirst, AWalkEndsAtTheLimit) {
  EXPECT_THAT(walk(std::nullopt), ElementsAre(4, 3, 1, 5, 2));
  EXPECT_THAT(walk(2), ElementsAre(4, 3));
  EXPECT_THAT(walk(0), IsEmpty());
}

TEST_P(OldestFirst, AWalkLeavesOutWhatComesWhileItGoesOn) {
  std::size_t seen = 0;
  const std::function<bool(const store::StoredEvent&)> visit = [&](const auto&) {
    if (seen++ == 0) add(EventBuilder(9).at(1000));
    return true;
  };
  std::vector<EventBuilder> many;
  for (std::uint64_t id = 100; id < 400; ++id) many.push_back(EventBuilder(id).at(30));
  add(many);
  const nostr::Filter all;
  EXPECT_EQ(must(await(store::walk_events(store(), all, {.oldest_first = true}, visit))), 305u);
}

class Info : public Contract {};
FOR_EVERY_STORE(Info);

TEST_P(Info, CountsEventsRowsAndCommits) {
  auto info = must(await(store().info()));
  EXPECT_EQ(info.events, 0u);
  EXPECT_EQ(info.last, 0u);
  add({EventBuilder(1), EventBuilder(2), EventBuilder(3).kind(20001)});
  set_rows({{"x/a", "1"}, {"x/b", "2"}});
  info = must(await(store().info()));
  EXPECT_EQ(info.events, 2u);
  EXPECT_EQ(info.rows, 2u);
  EXPECT_EQ(info.last, 3u);
}

}  // namespace
}  // namespace test
