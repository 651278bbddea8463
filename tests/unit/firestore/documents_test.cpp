#include "store/firestore/documents.h"

#include <functional>

#include "store/fetched/facts.h"
#include "store/firestore/queries.h"
#include "store/keys.h"
#include "unit/firestore/fake.h"

namespace store::firestore {
namespace {

using test::EventBuilder;
using test::hex;
using testing::ElementsAre;
using testing::IsSupersetOf;

struct Documents : testing::Test, test::FakeDatabase {};

EventBuilder group_event() {
  return EventBuilder(test::spread(1)).by(2).kind(30445).at(77).tag({"d", "x"}).tag({"h", "g"});
}

TEST_F(Documents, AnEventComesBackAsItWas) {
  StoredEvent event = test::stored(group_event(), 9, 1234);
  event.mark = 200;
  put(event);
  const auto found = get({event_name(event.event->id)});
  ASSERT_EQ(found.size(), 1u);
  const auto back = event_in(found.front(), parser);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->event->json, event.event->json);
  EXPECT_EQ(back->seq, 9u);
  EXPECT_EQ(back->mark, 200);
  EXPECT_EQ(back->expires_at, 1234);
}

TEST_F(Documents, AnEventThatNeverExpiresHasNoTimeOfIt) {
  const auto document = event_document(names, test::stored(group_event(), 9), sha256);
  EXPECT_FALSE(document.fields().contains("x"));
  EXPECT_EQ(event_in(document, parser)->expires_at, std::nullopt);
}

TEST_F(Documents, WhatReplacesNamesItsAddressAndOthersDoNot) {
  const auto event = group_event().build();
  const auto document = event_document(names, test::stored(group_event(), 9), sha256);
  EXPECT_EQ(document.fields().at("a").string_value(),
            hex_of(address_key(*nostr::address_of(*event), sha256).view()));
  const auto plain = event_document(names, test::stored(EventBuilder(1), 9), sha256);
  EXPECT_FALSE(plain.fields().contains("a"));
}

TEST_F(Documents, IndexEntriesAreThoseOfTheKeysEachOnce) {
  const auto gift = EventBuilder(test::spread(3)).kind(1059).tag({"p", hex(7)}).tag({"p", hex(7)});
  const auto event = gift.build();
  const auto entries = index_entries(*event, sha256);
  const int shard = shard_of(event->id);
  EXPECT_EQ(entries.size(), 6u);
  EXPECT_THAT(entries, IsSupersetOf({fmt::format("t{}", shard), fmt::format("k1059.{}", shard),
                                     "p" + hex(1), "P" + hex(1) + ".1059", "r" + hex(7)}));
}

TEST_F(Documents, RowsComeBackWithAnyBytesInTheirKeys) {
  const RowChange row{
      .key = std::string("a/\0\xff/", 5), .value = std::string("\0v", 2), .expires_at = 5};
  const auto back = row_in(row_document(names, row));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key, row.key);
  EXPECT_EQ(back->value, row.value);
  EXPECT_EQ(back->expires_at, row.expires_at);
}

TEST_F(Documents, TombstonesComeBack) {
  const TombstoneEntry tombstone{fetched::vanished_tombstone(test::bytes32(4)), -3};
  const auto back = tombstone_in(tombstone_document(names, tombstone));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key, tombstone.key);
  EXPECT_EQ(back->until, tombstone.until);
}

Commit whole_commit() {
  return {.slot = 0x1f,
          .last = 40,
          .token = std::string(16, 't'),
          .at = 1'700'000'000,
          .events = 12,
          .vanishing = {{.author = test::bytes32(1), .until = 5, .seq = 6},
                        {.author = test::bytes32(2), .until = 7, .seq = 8}},
          .gone = {test::bytes32(3)},
          .body = std::string("\0body", 5)};
}

TEST_F(Documents, CommitsComeBack) {
  const Commit commit = whole_commit();
  const auto document = commit_document(names, commit);
  EXPECT_EQ(names.relative(document.name()), "commits/000000000000001f");
  const auto back = commit_in(document);
  ASSERT_TRUE(back);
  EXPECT_EQ(
      std::tie(back->slot, back->last, back->token, back->at, back->events, back->body),
      std::tie(commit.slot, commit.last, commit.token, commit.at, commit.events, commit.body));
  EXPECT_EQ(back->gone, commit.gone);
  ASSERT_EQ(back->vanishing.size(), 2u);
  EXPECT_EQ(back->vanishing[1].author, test::bytes32(2));
  EXPECT_EQ(back->vanishing[1].until, 7);
  EXPECT_EQ(back->vanishing[1].seq, 8u);
}

/// Damages one field after the other: without it, of another type, with bytes that are too few.
void expect_refused_when_damaged(const v1::Document& whole, const std::vector<std::string>& needed,
                                 const std::function<bool(const v1::Document&)>& is_read) {
  ASSERT_TRUE(is_read(whole));
  for (const std::string& field : needed) {
    v1::Document document = whole;
    document.mutable_fields()->erase(field);
    EXPECT_FALSE(is_read(document)) << field;
    (*document.mutable_fields())[field].set_boolean_value(true);
    EXPECT_FALSE(is_read(document)) << field;
  }
  v1::Document renamed = whole;
  renamed.set_name(renamed.name() + "0");
  EXPECT_FALSE(is_read(renamed));
}

TEST_F(Documents, WhatIsDamagedIsNotRead) {
  expect_refused_when_damaged(event_document(names, test::stored(group_event(), 9), sha256),
                              {"s", "m", "j"},
                              [&](const auto& each) { return event_in(each, parser).has_value(); });
  expect_refused_when_damaged(row_document(names, {.key = "k", .value = "v"}), {"v"},
                              [](const auto& each) { return row_in(each).has_value(); });
  expect_refused_when_damaged(tombstone_document(names, {"k", 1}), {"u"},
                              [](const auto& each) { return tombstone_in(each).has_value(); });
  expect_refused_when_damaged(commit_document(names, whole_commit()),
                              {"n", "last", "token", "at", "events", "vanishing", "gone", "body"},
                              [](const auto& each) { return commit_in(each).has_value(); });
}

TEST_F(Documents, NumbersAndBytesOutOfBoundsAreNotRead) {
  const auto with = [](v1::Document document, const std::string& field, auto set) {
    set((*document.mutable_fields())[field]);
    return document;
  };
  const auto event = event_document(names, test::stored(group_event(), 9), sha256);
  EXPECT_FALSE(event_in(with(event, "m", [](auto& m) { m.set_integer_value(256); }), parser));
  EXPECT_FALSE(event_in(with(event, "s", [](auto& s) { s.set_integer_value(-1); }), parser));
  EXPECT_FALSE(event_in(with(event, "x", [](auto& x) { x.set_string_value("1"); }), parser));
  EXPECT_FALSE(event_in(with(event, "j", [](auto& j) { j.set_bytes_value("{}"); }), parser));
  const auto commit = commit_document(names, whole_commit());
  for (const char* field : {"token", "vanishing", "gone"}) {
    EXPECT_FALSE(commit_in(with(commit, field, [](auto& bytes) { bytes.set_bytes_value("x"); })));
  }
}

TEST_F(Documents, CreatingTakesPlaceOnceAndErasingWhatIsMissingIsFine) {
  const auto document = commit_document(names, whole_commit());
  commit({create(document)});
  EXPECT_THROW(commit({create(document)}), std::runtime_error);
  commit({firestore::put(document)});
  commit({erase(names, commit_name(0x1f))});
  commit({erase(names, commit_name(0x1f))});
  EXPECT_TRUE(get({commit_name(0x1f)}).empty());
}

TEST(Names, OfAnotherDatabaseAreNotOurs) {
  const Names names("p", "d");
  EXPECT_EQ(names.full("rows/00"), "projects/p/databases/d/documents/rows/00");
  EXPECT_EQ(names.relative("projects/p/databases/d/documents/rows/00"), "rows/00");
  EXPECT_EQ(names.relative("projects/p/databases/e/documents/rows/00"), "");
  EXPECT_EQ(names.relative("projects/p/databases/d/documentsrows/00"), "");
}

}  // namespace
}  // namespace store::firestore
