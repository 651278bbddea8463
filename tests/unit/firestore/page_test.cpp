#include "store/firestore/page.h"

#include "contract/random_events.h"
#include "contract/texts.h"
#include "store/memory/memory_store.h"
#include "unit/firestore/fake.h"

namespace store::firestore {
namespace {

using test::EventBuilder;
using test::FilterBuilder;
using test::hex;
using test::Ids;
using test::Reading;
using test::spread;
using testing::ElementsAre;

struct Pages : testing::Test, test::FakeDatabase {
  Snapshot snapshot{.last = 1000};
  std::size_t looks = 0;

  Page read_page(const nostr::Filter& filter, const Reading& reading,
                 const std::optional<Position>& after = std::nullopt) {
    const PageRequest request{.filter = filter,
                              .after = after,
                              .up_to = reading.up_to,
                              .max_events = reading.max_events,
                              .max_scanned = reading.max_scanned,
                              .now = reading.now,
                              .oldest_first = reading.oldest_first};
    PageReader reader(request, snapshot, names, parser, sha256);
    for (looks = 0; !reader.done(); ++looks) {
      if (!reader.take(results_of(reader.next_look()))) throw std::runtime_error("damaged");
    }
    Page page = reader.take_page();
    EXPECT_LE(page.events.size(), reading.max_events);
    EXPECT_EQ(page.snapshot, snapshot.last);
    return page;
  }

  std::vector<StoredEvent> read_all(const nostr::Filter& filter, const Reading& reading = {}) {
    std::vector<StoredEvent> events;
    std::optional<Position> after;
    do {
      Page page = read_page(filter, reading, after);
      std::ranges::move(page.events, std::back_inserter(events));
      after = page.next;
    } while (after);
    return events;
  }

  Ids find(const FilterBuilder& filter, const Reading& reading = {}) {
    return seqs(read_all(filter.build(), reading));
  }

  static Ids seqs(const std::vector<StoredEvent>& events) {
    Ids found;
    for (const StoredEvent& stored : events) found.push_back(stored.seq);
    return found;
  }

  /// Notes of author 1, one each second, whose number is their second.
  void put_notes(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n <= to; ++n)
      put(test::stored(EventBuilder(spread(n)).at(static_cast<std::int64_t>(n)), n));
  }

 private:
  std::vector<std::vector<v1::Document>> results_of(const PageReader::Look& look) {
    EXPECT_NE(look.names.empty(), look.queries.empty());
    EXPECT_LE(look.queries.size(), 16u);
    if (!look.names.empty()) return {get(look.names)};
    std::vector<std::vector<v1::Document>> results;
    for (const v1::StructuredQuery& each : look.queries) results.push_back(query(each));
    return results;
  }
};

TEST_F(Pages, WhoAsksForFewPaysForFew) {
  put_notes(1, 60);
  reads();
  EXPECT_THAT(seqs(read_page(FilterBuilder().kinds({1}).build(), {.max_events = 3}).events),
              ElementsAre(60, 59, 58));
  EXPECT_EQ(reads(), 3);
  EXPECT_EQ(read_all(FilterBuilder().authors({1}).build(), {.max_events = 20}).size(), 60u);
  EXPECT_EQ(reads(), 60 + 1);  // the fourth page is empty, and a read all the same
}

TEST_F(Pages, APageThatEndsWithTheEventsHasNoNext) {
  put_notes(1, 3);
  EXPECT_FALSE(read_page(FilterBuilder().build(), {}).next);
  EXPECT_EQ(looks, 1u);
  // The query was cut where the page ends: more may follow.
  EXPECT_TRUE(read_page(FilterBuilder().build(), {.max_events = 3}).next);
  EXPECT_EQ(looks, 1u);
}

TEST_F(Pages, AFullPageOfQueriesThatAllEndedHasNoNext) {
  Ids authors;
  for (std::uint64_t author = 1; author <= 31; ++author) authors.push_back(author);
  for (const std::uint64_t author : {1, 2, 31})
    put(test::stored(EventBuilder(author).by(author), author));
  const auto filter = FilterBuilder().authors(authors).build();
  EXPECT_FALSE(read_page(filter, {.max_events = 3}).next);
  EXPECT_EQ(looks, 1u);
}

TEST_F(Pages, WhereMostIsLeftOutTheStepsGrow) {
  put_notes(1, 300);
  put(test::stored(EventBuilder(spread(400)).at(0).tag({"t", "x"}).kind(9), 400));
  reads();
  const auto filter = FilterBuilder().authors({1}).kinds({1, 9}).tag('t', {"x"});
  EXPECT_THAT(find(filter, {.max_events = 1}), ElementsAre(400));
  EXPECT_LE(looks, 8u);
  EXPECT_LE(reads(), 302);
}

TEST_F(Pages, ManyAuthorsAreReadInSeveralQueriesWithoutWaste) {
  Ids authors;
  for (std::uint64_t author = 1; author <= 200; ++author) {
    authors.push_back(author);
    for (std::uint64_t n = 0; n < 3; ++n) {
      const std::uint64_t number = 3 * author + n;
      put(test::stored(
          EventBuilder(spread(number)).by(author).at(static_cast<std::int64_t>(number % 97)),
          number));
    }
  }
  reads();
  EXPECT_EQ(read_page(FilterBuilder().authors(authors).build(), {.max_events = 20}).events.size(),
            20u);
  EXPECT_LE(reads(), 60);
  EXPECT_EQ(read_page(FilterBuilder().authors(authors).build(), {.max_events = 600}).events.size(),
            600u);
  EXPECT_LE(reads(), 607);
}

TEST_F(Pages, AnEventUnderEntriesOfSeveralQueriesIsShownOnce) {
  std::vector<std::string> words;
  for (int i = 0; i < 70; ++i) words.push_back(hex(static_cast<std::uint64_t>(i)));
  put(test::stored(EventBuilder(1).tag({"e", words[0]}).tag({"e", words[35]}).tag({"e", words[69]}),
                   1));
  put(test::stored(EventBuilder(2).at(1).tag({"e", words[69]}), 2));
  EXPECT_THAT(find(FilterBuilder().tag('e', words)), ElementsAre(1, 2));
  EXPECT_THAT(find(FilterBuilder().tag('e', words), {.max_events = 1}), ElementsAre(1, 2));
}

TEST_F(Pages, WhatVanishesIsLeftOut) {
  put(test::stored(EventBuilder(1).by(1).at(10), 1));
  put(test::stored(EventBuilder(2).by(1).at(30), 2));
  put(test::stored(EventBuilder(3).by(2).kind(1059).at(40).tag({"p", hex(1)}), 3));
  put(test::stored(EventBuilder(4).by(1).at(11), 9));
  put(test::stored(EventBuilder(5).by(3).at(10), 5));
  snapshot.vanishing = {{.author = test::bytes32(1), .until = 20, .seq = 8}};
  EXPECT_THAT(find(FilterBuilder()), ElementsAre(2, 9, 5));
  EXPECT_THAT(find(FilterBuilder().ids({1, 2, 3, 4, 5})), ElementsAre(2, 9, 5));
}

TEST_F(Pages, LargeEventsEndAPageEarly) {
  for (std::uint64_t n = 1; n <= 12; ++n)
    put(test::stored(EventBuilder(spread(n)).at(100).content(std::string(1 << 19, 'x')), n));
  const std::vector<nostr::Filter> filters = {FilterBuilder().build(), [] {
                                                Ids ids;
                                                for (std::uint64_t n = 1; n <= 12; ++n)
                                                  ids.push_back(spread(n));
                                                return FilterBuilder().ids(ids).build();
                                              }()};
  for (const nostr::Filter& filter : filters) {
    EXPECT_LE(read_page(filter, {}).events.size(), 9u);
    EXPECT_EQ(read_all(filter).size(), 12u);
    EXPECT_EQ(read_all(filter, {.oldest_first = true}).size(), 12u);
  }
}

TEST_F(Pages, ACursorOutsideOfTheFiltersTimesIsNotAsked) {
  put_notes(1, 9);
  const auto filter = FilterBuilder().since(3).until(6).build();
  const auto from = [&](std::int64_t time, bool oldest_first) {
    return seqs(read_page(filter, {.oldest_first = oldest_first}, Position{time, {}}).events);
  };
  EXPECT_THAT(from(8, false), ElementsAre(6, 5, 4, 3));
  EXPECT_THAT(from(2, false), ElementsAre());
  EXPECT_THAT(from(2, true), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(from(8, true), ElementsAre());
}

TEST_F(Pages, ADamagedEventIsAnError) {
  auto document = event_document(names, test::stored(EventBuilder(1), 1), sha256);
  (*document.mutable_fields())["j"].set_bytes_value("{}");
  commit({firestore::put(document)});
  EXPECT_THROW(static_cast<void>(find(FilterBuilder())), std::runtime_error);
  EXPECT_THROW(static_cast<void>(find(FilterBuilder().ids({1}))), std::runtime_error);
}

TEST_F(Pages, EventsThatDoNotMoveOnAreAnError) {
  const auto document = event_document(names, test::stored(EventBuilder(1).at(5), 1), sha256);
  const auto filter = FilterBuilder().build();
  const PageRequest request{.filter = filter, .after = Position{4, {}}, .up_to = {}};
  PageReader reader(request, {}, names, parser, sha256);
  static_cast<void>(reader.next_look());
  const std::vector<std::vector<v1::Document>> results = {{document}};
  EXPECT_FALSE(reader.take(results));
}

/// The same events in memory and in the fake database.
struct Oracle : Pages {
  const std::uint64_t seed = test::seed_from_environment();
  test::RandomEvents random{seed};
  MemoryStore memory;

  void fill() {
    for (int round = 0; round < 40; ++round) {
      std::vector<Write> writes;
      for (int n = 0; n < 10; ++n) {
        auto event = test::RandomEvents::event_of(spread(1 + random.below(400)));
        const auto expires = static_cast<base::UnixSeconds>(10 + random.below(60));
        writes.push_back(
            test::write_of(event, random.once_in(6) ? std::optional(expires) : std::nullopt));
      }
      static_cast<void>(test::must(test::await(memory.append(writes, NoStager()))));
    }
    snapshot.last = test::must(test::await(memory.info())).last;
    for (const StoredEvent& each : test::read_all(memory, FilterBuilder().build())) put(each);
  }

  /// With ids that are there, and now and then more authors and values than one query takes.
  nostr::Filter filter() {
    nostr::Filter filter = random.filter().build();
    if (filter.ids) {
      Ids ids;
      for (const auto& id : *filter.ids) ids.push_back(spread(test::number_of(id)));
      filter.ids = FilterBuilder().ids(ids).build().ids;
    }
    if (!filter.authors || !random.once_in(3)) return filter;
    Ids many;
    for (std::uint64_t n = random.below(100); n < 200; ++n) many.push_back(n % 100);
    filter.authors = FilterBuilder().authors(many).build().authors;
    return filter;
  }
};

TEST_F(Oracle, AgreesOnEveryPage) {
  SCOPED_TRACE(fmt::format("GATEWAY_SEED={}", seed));
  fill();
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    const nostr::Filter wanted = filter();
    Reading reading = random.reading(snapshot.last);
    const auto found = test::text_of(read_all(wanted, reading));
    reading.max_events = reading.max_scanned = 100'000;
    ASSERT_EQ(found, test::text_of(test::read_all(memory, wanted, reading)));
  }
}

TEST_F(Oracle, AgreesWhereAllEventsAreOfOneSecond) {
  SCOPED_TRACE(fmt::format("GATEWAY_SEED={}", seed));
  std::vector<Write> writes;
  for (std::uint64_t n = 1; n <= 90; ++n)
    writes.push_back(test::write_of(EventBuilder(spread(n)).by(n).at(7)));
  snapshot.last = test::must(test::await(memory.append(writes, NoStager()))).batch->last;
  for (const StoredEvent& each : test::read_all(memory, FilterBuilder().build())) put(each);
  Ids authors;
  for (std::uint64_t n = 1; n <= 90; n += 2) authors.push_back(n);
  const auto filters = {FilterBuilder(), FilterBuilder().authors(authors),
                        FilterBuilder().kinds({1, 2, 3, 4, 5}).since(7).until(7)};
  for (const FilterBuilder& filter : filters) {
    for (const bool oldest_first : {false, true}) {
      for (const std::size_t size : {1, 4, 256}) {
        const Reading reading{.max_events = size, .oldest_first = oldest_first};
        EXPECT_EQ(test::text_of(read_all(filter.build(), reading)),
                  test::text_of(test::read_all(memory, filter.build(), reading)));
      }
    }
  }
}

}  // namespace
}  // namespace store::firestore
