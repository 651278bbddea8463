// Everything of one store into another one (Store::dump, Store::load), every kind into every kind.
#include <algorithm>

#include "contract/opinionated_stager.h"
#include "contract/random_events.h"
#include "contract/texts.h"

namespace test {
namespace {

using store::Outcome;
using store::Parcel;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::SizeIs;

constexpr std::size_t ample = 1 << 20;

std::vector<Parcel> dump(store::Store& from, std::size_t max_bytes) {
  std::vector<Parcel> parcels;
  std::optional<std::string> after;
  do {
    parcels.push_back(must(await(from.dump(after, max_bytes))));
    after = parcels.back().next;
  } while (after);
  return parcels;
}

void must_load(store::Store& into, const Parcel& parcel) {
  const auto loaded = await(into.load(parcel));
  ASSERT_TRUE(loaded) << loaded.error().message;
}

void copy(store::Store& from, store::Store& into, std::size_t max_bytes = ample) {
  for (const Parcel& parcel : dump(from, max_bytes)) must_load(into, parcel);
}

/// All that a store keeps; the order of databases and maps is its own.
std::vector<std::string> contents_of(store::Store& store) {
  std::vector<std::string> lines;
  for (const Parcel& parcel : dump(store, ample)) {
    for (const auto& [kind, key, until] : parcel.tombstones)
      lines.push_back(fmt::format("{} buried until {} {}", static_cast<int>(kind), until, key));
    for (const auto& vanish : parcel.vanishing)
      lines.push_back(
          fmt::format("{} vanishes {} {}", vanish.author.view(), vanish.until, vanish.seq));
    for (const auto& row : parcel.rows)
      lines.push_back(
          fmt::format("{} = {} expires {}", row.key, *row.value, row.expires_at.value_or(-1)));
    for (const auto& stored : parcel.events) lines.push_back(text_of(stored));
  }
  std::ranges::sort(lines);
  return lines;
}

/// Opens an empty store for each test; the one of the fixture is what is copied into.
class Copying : public Contract {
 protected:
  static constexpr std::size_t bound = store::Store::max_vanish_per_commit;

  static store::Write request(std::uint64_t id, std::int64_t at) {
    auto write = write_of(EventBuilder(id).kind(62).by(1).at(at));
    write.vanishes = true;
    return write;
  }
  static void put(store::Store& store, const std::vector<store::Write>& writes,
                  const store::Stager& stager = store::NoStager()) {
    must(await(store.append(writes, stager)));
  }

  const OpenStore home_ = GetParam().open();
  store::Store& original_ = *home_.store;
};
FOR_EVERY_STORE(Copying);

TEST_P(Copying, WhatWasDeletedStaysAway) {
  put(original_, writes_of({EventBuilder(1).at(5), EventBuilder(2).kind(5).at(6).tag({"e", hex(1)}),
                            EventBuilder(3).kind(5).at(9).tag({"a", "30023:" + hex(1) + ":x"}),
                            EventBuilder(4).by(2).at(5)}));
  copy(original_, store());
  EXPECT_THAT(
      add({EventBuilder(1).at(5), EventBuilder(5).kind(30023).at(9).tag({"d", "x"}),
           EventBuilder(6).kind(30023).at(10).tag({"d", "x"}), EventBuilder(4).by(2).at(5)}),
      ElementsAre(Outcome::deleted, Outcome::deleted, Outcome::accepted, Outcome::duplicate));
}

TEST_P(Copying, WhoVanishedStaysVanishedAndTheRestOfItGoes) {
  std::vector<EventBuilder> notes;
  for (std::size_t i = 0; i < bound + 2; ++i) notes.push_back(EventBuilder(1000 + i).at(10));
  put(original_, writes_of(notes));
  put(original_, {request(50, 10)});
  put(original_, writes_of({EventBuilder(51).kind(1059).by(2).tag({"p", hex(1)})}));
  copy(original_, store(), 100);
  EXPECT_THAT(everything(), ElementsAre(51, 50)) << "what is left is invisible";
  EXPECT_EQ(add(EventBuilder(1).at(9)), Outcome::deleted);
  EXPECT_EQ(purge(0, 10).removed, 2u);
  EXPECT_THAT(everything(), ElementsAre(51, 50)) << "what came after the request is none of its";
}

TEST_P(Copying, RowsKeepTheirExpiry) {
  TestStager stager;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.changes = {{"x/1", "lasts"}, {"x/2", "ends", 30}, {"x/3", ""}}};
  };
  put(original_, writes_of({EventBuilder(1)}), stager);
  copy(original_, store(), 1);
  EXPECT_EQ(row("x/3"), "");
  EXPECT_EQ(purge(29).removed, 0u);
  EXPECT_EQ(purge(30).removed, 1u);
  EXPECT_EQ(row("x/1"), "lasts");
  EXPECT_EQ(row("x/2"), std::nullopt);
}

TEST_P(Copying, ParcelsAreBounded) {
  std::vector<EventBuilder> notes;
  for (std::uint64_t id = 1; id <= 100; ++id) notes.push_back(EventBuilder(id));
  put(original_, writes_of(notes));
  const std::size_t bytes = notes.front().build()->json.size();
  EXPECT_THAT(dump(original_, 0), SizeIs(100)) << "one thing at least";
  EXPECT_THAT(dump(original_, 10 * bytes), SizeIs(AllOf(Ge(8u), Le(12u))));
}

TEST_P(Copying, ACommitInBetweenShows) {
  put(original_, writes_of({EventBuilder(1), EventBuilder(2)}));
  const auto first = must(await(original_.dump(std::nullopt, 1)));
  EXPECT_EQ(must(await(original_.dump(first.next, 1))).last, first.last);
  put(original_, writes_of({EventBuilder(3)}));
  EXPECT_NE(must(await(original_.dump(first.next, 1))).last, first.last);
}

TEST_P(Copying, AnEmptyStoreIsOneParcel) {
  ASSERT_NO_FATAL_FAILURE(copy(original_, store()));
  EXPECT_THAT(dump(original_, ample), SizeIs(1));
  EXPECT_EQ(add(EventBuilder(1)), Outcome::accepted);
}

TEST_P(Copying, OnlyAStoreWithoutACommitTakesThem) {
  put(original_, writes_of({EventBuilder(1), EventBuilder(2)}));
  const auto parcels = dump(original_, 1);
  add(EventBuilder(3));
  purge(0);
  for (const Parcel& parcel : parcels) {
    const auto loaded = await(store().load(parcel));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, store::StoreError::Code::unavailable);
  }
  EXPECT_THAT(everything(), ElementsAre(3));
}

TEST_P(Copying, NothingFollowsTheLastParcel) {
  put(original_, writes_of({EventBuilder(1), EventBuilder(2)}));
  const auto parcels = dump(original_, 1);
  for (const Parcel& parcel : parcels) ASSERT_NO_FATAL_FAILURE(must_load(store(), parcel));
  for (const Parcel& parcel : parcels) EXPECT_FALSE(await(store().load(parcel)));
}

/// Some events, replacements, deletions, vanishings, rows and what expires.
class RandomCopy : public Copying {
 protected:
  std::vector<store::Write> writes() {
    std::vector<store::Write> writes;
    for (std::uint64_t n = random_.below(12); n > 0; --n) {
      const auto expires = random_.once_in(6) ? std::optional<base::UnixSeconds>(70) : std::nullopt;
      writes.push_back(write_of(random_.event(), expires));
      writes.back().vanishes = writes.back().event->kind == 62 && random_.once_in(8);
    }
    return writes;
  }

  void fill(store::Store& store) {
    for (int round = 0; round < 40; ++round) {
      put(store, writes(), stager_);
      if (random_.once_in(5)) must(await(store.purge_expired(10, 3, stager_)));
    }
  }

  void query_both(store::Store& one, store::Store& other) {
    for (int i = 0; i < 20; ++i) {
      const auto filter = random_.filter().build();
      const Reading reading = random_.reading(must(await(one.info())).last);
      ASSERT_EQ(text_of(read_all(one, filter, reading)), text_of(read_all(other, filter, reading)));
    }
  }

  void append_to_both(store::Store& one, store::Store& other) {
    for (int i = 0; i < 20; ++i) {
      const auto batch = writes();
      ASSERT_EQ(text_of(must(await(one.append(batch, stager_)))),
                text_of(must(await(other.append(batch, stager_)))));
    }
    ASSERT_EQ(text_of(*must(await(one.purge_expired(80, 1000, stager_))).batch),
              text_of(*must(await(other.purge_expired(80, 1000, stager_))).batch));
  }

  const std::uint64_t seed_ = seed_from_environment();
  RandomEvents random_{seed_};
  const TestStager stager_ = opinionated_stager();
};
FOR_EVERY_STORE(RandomCopy);

TEST_P(RandomCopy, AnswersAndGoesOnLikeItsOriginal) {
  for (const StoreKind& kind : store_kinds()) {
    SCOPED_TRACE(fmt::format("from {}, GATEWAY_SEED={}", kind.name, seed_));
    const OpenStore from = kind.open(), into = GetParam().open();
    fill(*from.store);
    ASSERT_NO_FATAL_FAILURE(copy(*from.store, *into.store, random_.below(3000)));
    ASSERT_EQ(contents_of(*into.store), contents_of(*from.store));
    ASSERT_NO_FATAL_FAILURE(query_both(*into.store, *from.store));
    ASSERT_NO_FATAL_FAILURE(append_to_both(*into.store, *from.store));
    ASSERT_EQ(contents_of(*into.store), contents_of(*from.store));
  }
}

}  // namespace
}  // namespace test
