#include "store/firestore/queries.h"

#include "unit/firestore/fake.h"

namespace store::firestore {
namespace {

using test::bytes32;
using test::EventBuilder;

struct Queries : testing::Test, test::FakeDatabase {
  std::vector<std::string> ids(const v1::StructuredQuery& wanted) {
    std::vector<std::string> found;
    for (const v1::Document& document : query(wanted)) found.emplace_back(id_in(document.name()));
    return found;
  }
  std::vector<Seq> seqs(const v1::StructuredQuery& wanted) {
    std::vector<Seq> found;
    for (const v1::Document& document : query(wanted))
      found.push_back(event_in(document, parser).value().seq);
    return found;
  }
  std::vector<std::string> keys(const v1::StructuredQuery& wanted) {
    std::vector<std::string> found;
    for (const v1::Document& document : query(wanted))
      found.push_back(row_in(document).value().key);
    return found;
  }
  void put_row(const std::string& key, std::optional<base::UnixSeconds> expires_at = std::nullopt) {
    commit({firestore::put(row_document(names, {key, "v", expires_at}))});
  }
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Queries, RowsBelowAPrefixComeInKeyOrder) {
  for (const char* key : {"a", "x/", "x/1", "x/1\xff", "x/2", "x0", "y/1"}) put_row(key);
  EXPECT_THAT(keys(rows_below(names, "x/", std::nullopt, 9)),
              ElementsAre("x/", "x/1", "x/1\xff", "x/2"));
  EXPECT_THAT(keys(rows_below(names, "x/", "x/1", 1)), ElementsAre("x/1\xff"));
  EXPECT_THAT(keys(rows_below(names, "x/", "a", 1)), ElementsAre("x/"));
  EXPECT_THAT(keys(rows_below(names, "x/", "y", 9)), IsEmpty());
  EXPECT_THAT(keys(rows_below(names, "", std::nullopt, 2)), ElementsAre("a", "x/"));
  EXPECT_THAT(keys(rows_below(names, "", "x0", 9)), ElementsAre("y/1"));
}

TEST_F(Queries, TheLongestExpiredComeFirst) {
  put_row("b", 5), put_row("a", 5), put_row("c", 4), put_row("d", 6), put_row("e");
  EXPECT_THAT(keys(rows_expired(5, 9)), ElementsAre("c", "a", "b"));
  EXPECT_THAT(keys(rows_expired(5, 1)), ElementsAre("c"));
  for (std::uint64_t n = 1; n <= 9; ++n) {
    const auto expires = n == 9 ? std::nullopt : std::optional<base::UnixSeconds>(n % 3);
    put(test::stored(EventBuilder(test::spread(n)), n, expires));
  }
  EXPECT_THAT(seqs(events_expired(1, 9)), ElementsAre(3, 6, 1, 4, 7));
  EXPECT_THAT(seqs(events_expired(1, 4)), ElementsAre(3, 6, 1, 4));
}

TEST_F(Queries, EventsAreDumpedByTheirNumbers) {
  for (std::uint64_t n = 20; n > 0; --n) put(test::stored(EventBuilder(test::spread(n)), n));
  EXPECT_THAT(seqs(events_behind(0, 3)), ElementsAre(1, 2, 3));
  EXPECT_THAT(seqs(events_behind(17, 9)), ElementsAre(18, 19, 20));
}

TEST_F(Queries, OccupantsAreFoundByTheirAddresses) {
  const auto stored = test::stored(EventBuilder(1).kind(30023).tag({"d", "a"}), 1);
  put(stored), put(test::stored(EventBuilder(2).kind(30023).tag({"d", "b"}), 2));
  const std::string key(address_key(*nostr::address_of(*stored.event), sha256).view());
  const auto found = query(events_at(std::vector{key, std::string(32, 'x')}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(event_in(found.front(), parser).value().seq, 1u);
}

TEST_F(Queries, WhatARequestToVanishCoversComesInQueryOrder) {
  put(test::stored(EventBuilder(1).by(7).at(10), 1));
  put(test::stored(EventBuilder(2).by(7).at(21), 2));
  put(test::stored(EventBuilder(3).by(7).at(20), 3));
  put(test::stored(EventBuilder(4).by(8).kind(1059).at(30).tag({"p", test::hex(7)}), 4));
  put(test::stored(EventBuilder(5).by(8).kind(1).at(30).tag({"p", test::hex(7)}), 5));
  const auto left = [&](fetched::Covered covered, std::optional<Position> after = std::nullopt) {
    return seqs(*events_left(names, {bytes32(7), 20, 9, covered}, after, 9));
  };
  EXPECT_THAT(left(fetched::Covered::author), ElementsAre(3, 1));
  EXPECT_THAT(left(fetched::Covered::author, Position{20, bytes32(3)}), ElementsAre(1));
  EXPECT_THAT(left(fetched::Covered::recipient), ElementsAre(4));
}

TEST_F(Queries, TombstonesAndCommitsComeInTheirOrder) {
  for (const char* key : {"v1", "a2", "i3"})
    commit({firestore::put(tombstone_document(names, {key, 1}))});
  EXPECT_THAT(ids(tombstones_behind(names, std::nullopt, 2)),
              ElementsAre(hex_of("a2"), hex_of("i3")));
  EXPECT_THAT(ids(tombstones_behind(names, "i3", 2)), ElementsAre(hex_of("v1")));
  for (std::uint64_t slot = 1; slot <= 20; ++slot) {
    const auto at = static_cast<base::UnixSeconds>(slot);
    commit(
        {create(commit_document(names, {.slot = slot, .token = std::string(16, 't'), .at = at}))});
  }
  EXPECT_EQ(commit_in(query(newest_commit()).at(0)).value().slot, 20u);
  EXPECT_THAT(ids(commits_behind(18)), ElementsAre("0000000000000013", "0000000000000014"));
  EXPECT_THAT(ids(commits_before(3, 9)), ElementsAre("0000000000000001", "0000000000000002"));
}

}  // namespace
}  // namespace store::firestore
