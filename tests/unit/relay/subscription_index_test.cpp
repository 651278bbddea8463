#include "relay/subscription_index.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>

#include "relay/connection.h"
#include "support/event_builder.h"

namespace {

using relay::Subscription;
using test::EventBuilder;
using test::FilterBuilder;
using test::hex;

/// Subscriptions need a connection to point at; the index never looks at it.
relay::Connection& no_connection() {
  alignas(relay::Connection) static std::byte place[sizeof(relay::Connection)];
  return reinterpret_cast<relay::Connection&>(place);
}

std::unique_ptr<Subscription> subscription(std::vector<nostr::Filter> filters) {
  return std::make_unique<Subscription>(Subscription{
      .connection = no_connection(), .id = "s", .head = {}, .filters = std::move(filters)});
}

std::size_t matches(relay::SubscriptionIndex& index, const nostr::Event& event) {
  std::size_t count = 0;
  index.match(event, [&](Subscription&, std::uint32_t) { return ++count, true; });
  return count;
}

TEST(SubscriptionIndex, FindsAFilterByEachOfItsFields) {
  relay::SubscriptionIndex index;
  const auto event = EventBuilder(7).by(3).kind(445).tag({"h", "group"}).build();
  const std::vector<nostr::Filter> filters = {
      FilterBuilder().ids({7}).build(), FilterBuilder().tag('h', {"group"}).build(),
      FilterBuilder().authors({3}).build(), FilterBuilder().kinds({445}).build(),
      FilterBuilder().build()};
  std::vector<std::unique_ptr<Subscription>> open;
  for (const auto& filter : filters) index.add(*open.emplace_back(subscription({filter})));
  EXPECT_EQ(matches(index, *event), filters.size());
}

TEST(SubscriptionIndex, DeliversAnEventOnceWhenSeveralFiltersMatch) {
  relay::SubscriptionIndex index;
  const auto both =
      subscription({FilterBuilder().kinds({1}).build(), FilterBuilder().authors({1}).build()});
  index.add(*both);
  EXPECT_EQ(matches(index, *EventBuilder(1).by(1).kind(1).build()), 1u);
}

TEST(SubscriptionIndex, TriesTheNextFilterWhenOneIsNotTaken) {
  relay::SubscriptionIndex index;
  const auto both =
      subscription({FilterBuilder().kinds({1}).build(), FilterBuilder().authors({1}).build()});
  index.add(*both);
  std::set<std::uint32_t> tried;
  index.match(*EventBuilder(1).by(1).kind(1).build(),
              [&](Subscription&, std::uint32_t filter) { return tried.insert(filter), false; });
  EXPECT_EQ(tried, (std::set<std::uint32_t>{0, 1}));
}

TEST(SubscriptionIndex, TriesAFilterOnceHoweverManyOfItsValuesTheEventBears) {
  relay::SubscriptionIndex index;
  const auto many = subscription({FilterBuilder().tag('h', {"a", "b", "c"}).build()});
  index.add(*many);
  int tries = 0;
  index.match(*EventBuilder(1).tag({"h", "a"}).tag({"h", "b"}).tag({"h", "c"}).build(),
              [&](Subscription&, std::uint32_t) { return ++tries, false; });
  EXPECT_EQ(tries, 1);
}

TEST(SubscriptionIndex, EmptyListsMatchNothing) {
  relay::SubscriptionIndex index;
  const auto none = subscription({FilterBuilder().kinds({}).build()});
  index.add(*none);
  EXPECT_EQ(matches(index, *EventBuilder(1).build()), 0u);
  index.remove(*none);
}

TEST(SubscriptionIndex, RemovedSubscriptionsAreNotFoundAndOthersStay) {
  std::mt19937 random(1);
  relay::SubscriptionIndex index;
  std::vector<std::unique_ptr<Subscription>> open;
  for (int i = 0; i < 200; ++i) {
    open.push_back(
        subscription({FilterBuilder().kinds({1, static_cast<nostr::Kind>(random() % 3)}).build(),
                      FilterBuilder().tag('h', {hex(random() % 5), hex(9)}).build()}));
    index.add(*open.back());
  }
  const auto event = EventBuilder(1).kind(1).tag({"h", hex(9)}).build();
  while (!open.empty()) {
    EXPECT_EQ(matches(index, *event), open.size());
    const auto victim = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
    index.remove(**victim);
    open.erase(victim);
  }
  EXPECT_EQ(matches(index, *event), 0u);
}

TEST(SubscriptionIndex, AgreesWithTheNaiveMatcherOnRandomFilters) {
  std::mt19937 random(42);
  relay::SubscriptionIndex index;
  std::vector<std::unique_ptr<Subscription>> open;
  for (int i = 0; i < 300; ++i) {
    FilterBuilder filter;
    if (random() % 4 == 0) filter.ids({random() % 20, random() % 20});
    if (random() % 2 == 0) filter.authors({random() % 4});
    if (random() % 2 == 0) filter.kinds({static_cast<nostr::Kind>(random() % 4)});
    if (random() % 2 == 0)
      filter.tag("hpt" [random() % 3], { hex(random() % 4), hex(random() % 4) });
    if (random() % 4 == 0) filter.since(static_cast<std::int64_t>(random() % 2000));
    open.push_back(subscription({filter.build()}));
    index.add(*open.back());
  }
  for (std::uint64_t id = 0; id < 20; ++id) {
    const auto event = EventBuilder(id)
                           .by(random() % 4)
                           .kind(random() % 4)
                           .tag({"h", hex(random() % 4)})
                           .tag({"p", hex(random() % 4)})
                           .build();
    std::set<const Subscription*> expected, found;
    for (const auto& one : open) {
      if (one->filters[0].matches(*event)) expected.insert(one.get());
    }
    index.match(*event, [&](Subscription& one, std::uint32_t) { return found.insert(&one), true; });
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
