// The byte layouts of docs/format/lmdb.md: a change here is a change of the format.
#include <gmock/gmock.h>

#include <limits>

#include "store/keys.h"
#include "store/lmdb/record.h"
#include "store/plan.h"
#include "store/query_order.h"
#include "support/event_builder.h"

namespace test {
namespace {

using namespace store;
using namespace store::lmdb;

std::string hex_of(std::string_view bytes) {
  return base::to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

TEST(LmdbBytes, PlacesSortInQueryOrder) {
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  std::vector<Position> positions;
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, last}) {
    for (const std::uint64_t id : {0, 1, 255, 256}) positions.push_back({time, bytes32(id)});
  }
  for (const Position& a : positions) {
    for (const Position& b : positions) {
      const Key place_a = Key().add_place(a), place_b = Key().add_place(b);
      EXPECT_EQ(place_a.view() < place_b.view(), store::QueryOrder{}(a, b));
    }
    EXPECT_EQ(read_place(Key().add_place(a).view()).created_at, a.created_at);
    EXPECT_EQ(read_place(Key().add_place(a).view()).id, a.id);
  }
}

TEST(LmdbBytes, KeysAreAsDocumented) {
  Sha256 sha256;
  EXPECT_EQ(hex_of(Key().add_place({.created_at = 1, .id = bytes32(7)}).view()),
            "fffffffffffffffe" + hex(7));
  EXPECT_EQ(hex_of(author_kind_prefix(bytes32(3), 445).view()), hex(3) + "01bd");
  EXPECT_EQ(hex_of(expiry_key(256, 2).view()), "00000000000001000000000000000002");
  // printf tabc | sha256sum
  EXPECT_EQ(hex_of(tag_prefix('t', "abc", sha256).view()), "6e39423730d9bd69db0e5c936ab50b35");
}

TEST(LmdbBytes, RecordsAreAsDocumented) {
  const store::StoredEvent stored{
      .event = EventBuilder(1).kind(445).at(258).build(), .seq = 1, .mark = 9, .expires_at = 5};
  std::string bytes(record_size(stored), '\0');
  write_record(stored, bytes);
  EXPECT_EQ(hex_of(bytes.substr(0, 20)),
            "0109"
            "01bd"
            "0000000000000102"
            "0000000000000005");
  EXPECT_EQ(bytes.substr(20), stored.event->json);
}

TEST(LmdbBytes, DamagedRecordsAreNoRecords) {
  EXPECT_FALSE(read_record(""));
  EXPECT_FALSE(read_record(std::string(19, '\1')));
  EXPECT_FALSE(read_record(std::string(100, '\2'))) << "another version";
  nostr::MessageParser parser{base::Limits{}};
  EXPECT_FALSE(parse_record(*read_record(std::string(100, '\1')), 1, parser));
}

TEST(LmdbPlan, PrefersWhatFewShare) {
  Sha256 sha256;
  const auto index_of = [&](const FilterBuilder& filter) {
    return choose_plan(filter.build(), sha256).index;
  };
  const std::string group(64, 'a');
  EXPECT_EQ(index_of(FilterBuilder()), Index::time);
  EXPECT_EQ(index_of(FilterBuilder().kinds({1})), Index::kind);
  EXPECT_EQ(index_of(FilterBuilder().authors({1})), Index::author);
  EXPECT_EQ(index_of(FilterBuilder().authors({1}).kinds({1})), Index::author_kind);
  EXPECT_EQ(index_of(FilterBuilder().kinds({445}).tag('h', {group})), Index::tag);
  EXPECT_EQ(index_of(FilterBuilder().authors({1}).tag('h', {group})), Index::tag);
  EXPECT_EQ(index_of(FilterBuilder().kinds({30078}).tag('d', {"settings"})), Index::tag);
  EXPECT_EQ(index_of(FilterBuilder().authors({1}).kinds({30078}).tag('d', {"settings"})),
            Index::author_kind);
}

TEST(LmdbPlan, ReadsTheTagWithFewestValues) {
  Sha256 sha256;
  const auto plan =
      choose_plan(FilterBuilder().tag('t', {"a", "b"}).tag('p', {hex(1)}).build(), sha256);
  EXPECT_EQ(plan.prefixes.size(), 1u);
}

TEST(LmdbPlan, TooManyPairsAreReadByAuthorAlone) {
  Sha256 sha256;
  std::vector<std::uint64_t> authors;
  for (std::uint64_t author = 0; author < 501; ++author) authors.push_back(author);
  const auto plan = choose_plan(FilterBuilder().authors(authors).kinds({1, 2}).build(), sha256);
  EXPECT_EQ(plan.index, Index::author);
  EXPECT_EQ(plan.prefixes.size(), 501u);
}

}  // namespace
}  // namespace test
