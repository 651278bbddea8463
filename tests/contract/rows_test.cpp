#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using store::RowChange;
using testing::ElementsAre;
using testing::IsEmpty;

class Rows : public Contract {
 protected:
  std::vector<std::string> keys_of(const std::vector<store::Row>& rows) {
    std::vector<std::string> keys;
    for (const auto& row : rows) keys.push_back(row.key);
    return keys;
  }
  /// All keys with this prefix, read in pages of `max`.
  std::vector<std::string> scan(const std::string& prefix, std::size_t max) {
    std::vector<std::string> keys;
    std::optional<std::string> after;
    do {
      const auto page = must(await(store().scan_rows(prefix, after, max)));
      EXPECT_LE(page.rows.size(), max);
      for (const auto& key : keys_of(page.rows)) keys.push_back(key);
      after = page.next;
    } while (after);
    return keys;
  }
};
FOR_EVERY_STORE(Rows);

/// Keeps the number of events in the row "x/count".
TestStager counting_stager() {
  TestStager stager;
  const auto count = [](const store::RowView& rows, int step) {
    const auto text = rows.get("x/count");
    return RowChange{"x/count", std::to_string((text ? std::stoi(std::string(*text)) : 0) + step)};
  };
  stager.on_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  stager.on_stage = [count](const auto&, const auto& rows) {
    return store::Staged{.changes = {count(rows, 1)}};
  };
  stager.on_erase_reads = [](const auto&, auto& reads) { reads.keys.push_back("x/count"); };
  stager.on_stage_erase = [count](const auto&, const auto& rows) {
    return std::vector{count(rows, -1)};
  };
  return stager;
}

TEST_P(Rows, CommitWithTheirEvent) {
  const auto result = append({write_of(EventBuilder(1))}, counting_stager());
  EXPECT_EQ(row("x/count"), "1");
  ASSERT_EQ(result.batch->changes.size(), 1u);
  EXPECT_EQ(result.batch->changes[0].key, "x/count");
}

TEST_P(Rows, LaterWritesOfABatchSeeEarlierChanges) {
  append(writes_of({EventBuilder(1), EventBuilder(2), EventBuilder(3)}), counting_stager());
  EXPECT_EQ(row("x/count"), "3");
  append(writes_of({EventBuilder(4)}), counting_stager());
  EXPECT_EQ(row("x/count"), "4");
}

TEST_P(Rows, WritesThatAreNotAcceptedLeaveNoTrace) {
  append({write_of(EventBuilder(1)), write_of(EventBuilder(2).kind(0).at(20)),
          write_of(EventBuilder(9).kind(5).tag({"e", hex(3)}))},
         counting_stager());
  const auto result = append({write_of(EventBuilder(1)), write_of(EventBuilder(3)),
                              write_of(EventBuilder(4).kind(0).at(10))},
                             counting_stager());
  EXPECT_THAT(outcomes_of(result),
              ElementsAre(Outcome::duplicate, Outcome::deleted, Outcome::stale));
  EXPECT_THAT(result.batch->changes, IsEmpty());
  EXPECT_EQ(result.batch->last, 3u);
  EXPECT_EQ(row("x/count"), "3");
}

TEST_P(Rows, ErasedEventsTakeTheirRowsAlong) {
  append(writes_of({EventBuilder(1), EventBuilder(2), EventBuilder(3).kind(0).at(1)}),
         counting_stager());
  append({write_of(EventBuilder(9).kind(5).tag({"e", hex(1)}).tag({"e", hex(2)})),
          write_of(EventBuilder(4).kind(0).at(2))},
         counting_stager());
  EXPECT_EQ(row("x/count"), "2") << "3 - 2 deleted + the deletion; then - 1 replaced + 1";
}

TEST_P(Rows, EraseSeesTheChangesOfTheEventThatCausesIt) {
  append({write_of(EventBuilder(1).kind(0).at(1))}, counting_stager());
  const auto result = append({write_of(EventBuilder(2).kind(0).at(2))}, counting_stager());
  ASSERT_EQ(result.batch->changes.size(), 2u);
  EXPECT_EQ(result.batch->changes[0].value, "2");
  EXPECT_EQ(result.batch->changes[1].value, "1");
}

TEST_P(Rows, ErasedEventComesWithItsMarkAndNumber) {
  TestStager stager;
  store::StoredEvent seen;
  stager.on_stage = [](const auto&, const auto&) {
    return store::Staged{.expires_at = 7000, .mark = 3};
  };
  stager.on_stage_erase = [&seen](const auto& erased, const auto&) {
    seen = erased;
    return std::vector<RowChange>{};
  };
  const auto event = EventBuilder(1).tag({"p", hex(4)}).build();
  append({write_of(event)}, stager);
  append({write_of(EventBuilder(9).kind(5).tag({"e", hex(1)}))}, stager);
  ASSERT_TRUE(seen.event);
  EXPECT_EQ(seen.event->json, event->json);
  EXPECT_EQ(seen.seq, 1u);
  EXPECT_EQ(seen.mark, 3);
  EXPECT_EQ(seen.expires_at, 7000);
}

TEST_P(Rows, StageSeesTheRowsAfterWhatExpiredIsGone) {
  append({write_of(EventBuilder(1), 100), write_of(EventBuilder(2).kind(0).at(50), 100)},
         counting_stager());
  auto again = write_of(EventBuilder(1)), older = write_of(EventBuilder(3).kind(0).at(40));
  again.received_at = older.received_at = 100;
  append({again, older}, counting_stager());
  EXPECT_EQ(row("x/count"), "2");
}

TEST_P(Rows, WhatExpiredGoesInACommitEvenIfNothingElseChanges) {
  append({write_of(EventBuilder(2).kind(0).at(50), 100), write_of(EventBuilder(9))});
  append({write_of(EventBuilder(8).kind(5).at(45).tag({"a", "0:" + hex(1) + ":"}))});
  auto barred = write_of(EventBuilder(3).kind(0).at(40));
  barred.received_at = 100;
  const auto result = append({barred});
  EXPECT_THAT(outcomes_of(result), ElementsAre(Outcome::deleted));
  EXPECT_EQ(result.batch->last, 4u);
  EXPECT_EQ(must(await(store().purge_expired(100, 10, store::NoStager()))).removed, 0u);
}

TEST_P(Rows, UndeclaredRowsAreInvisible) {
  set_rows({{"x/a", "1"}, {"x/b", "2"}});
  TestStager stager;
  stager.on_reads = [](const auto&, auto& reads) { reads.keys = {"x/b", "x/none"}; };
  stager.on_stage = [](const auto&, const auto& rows) {
    EXPECT_EQ(rows.get("x/a"), std::nullopt);
    EXPECT_EQ(rows.get("x/b"), "2");
    EXPECT_EQ(rows.get("x/none"), std::nullopt);
    return store::Staged{};
  };
  append({write_of(EventBuilder(5))}, stager);
}

TEST_P(Rows, RefusalComesBeforeTheDuplicateCheckAndLeavesNoTrace) {
  add(EventBuilder(1));
  TestStager stager;
  stager.on_stage = [](const store::Write& write,
                       const auto&) -> std::expected<store::Staged, store::Refusal> {
    if (write.event->kind == 1) return std::unexpected(store::Refusal{"restricted: no"});
    return store::Staged{.changes = {{"x/a", "1"}}};
  };
  const auto result =
      append(writes_of({EventBuilder(1), EventBuilder(2), EventBuilder(3).kind(2)}), stager);
  EXPECT_THAT(outcomes_of(result),
              ElementsAre(Outcome::refused, Outcome::refused, Outcome::accepted));
  EXPECT_EQ(result.results[0].reason, "restricted: no");
  EXPECT_EQ(result.batch->events.size(), 1u);
  EXPECT_EQ(result.batch->changes.size(), 1u);
  EXPECT_THAT(everything(), ElementsAre(1, 3));
}

TEST_P(Rows, StagerLearnsWhoPublishedAndWhen) {
  auto write = write_of(EventBuilder(1).by(5));
  write.received_at = 4711;
  TestStager stager;
  stager.on_stage = [](const store::Write& seen, const auto&) {
    EXPECT_TRUE(seen.viewer->proves(bytes32(5)));
    EXPECT_EQ(seen.received_at, 4711);
    return store::Staged{};
  };
  append({write}, stager);
}

TEST_P(Rows, EphemeralEventsMayChangeRows) {
  const auto first =
      append({write_of(EventBuilder(1).kind(20000)), write_of(EventBuilder(2).kind(20000))},
             counting_stager());
  EXPECT_EQ(row("x/count"), "2");
  EXPECT_EQ(first.batch->last, 1u) << "a commit of rows alone takes one number";
  EXPECT_EQ(append({write_of(EventBuilder(3))}, counting_stager()).batch->events[0].seq, 2u);
}

TEST_P(Rows, AreErasedByNullopt) {
  set_rows({{"x/a", "1"}, {"x/b", ""}});
  set_rows({{"x/a", std::nullopt}, {"x/none", std::nullopt}});
  EXPECT_EQ(row("x/a"), std::nullopt);
  EXPECT_EQ(row("x/b"), "") << "an empty value is a value";
}

TEST_P(Rows, AreReadInTheOrderOfTheKeys) {
  set_rows({{"x/a", "1"}, {"x/b", "2"}});
  EXPECT_THAT(must(await(store().get_rows({"x/b", "x/none", "x/a", "x/b"}))),
              ElementsAre("2", std::nullopt, "1", "2"));
  EXPECT_THAT(must(await(store().get_rows({}))), IsEmpty());
}

TEST_P(Rows, KeysAndValuesAreBytes) {
  const std::string key = std::string("x/\0\xff\x01", 5) + std::string(395, '\xff');
  const std::string value("\0\n\xff", 3);
  set_rows({{key, value}});
  EXPECT_EQ(row(key), value);
  EXPECT_THAT(scan(key.substr(0, 10), 5), ElementsAre(key));
}

TEST_P(Rows, KeyTooLongToBeThereIsNotThere) {
  EXPECT_EQ(row(std::string(1000, 'k')), std::nullopt);
  EXPECT_EQ(row(""), std::nullopt);
}

TEST_P(Rows, ScanKeepsToThePrefixInKeyOrder) {
  set_rows({{"x/b", ""},
            {"x/a/2", ""},
            {"x/a", ""},
            {"x/a/1", ""},
            {"w/z", ""},
            {"y/a", ""},
            {"x/a/\xff", ""}});
  EXPECT_THAT(scan("x/a/", 100), ElementsAre("x/a/1", "x/a/2", "x/a/\xff"));
  EXPECT_THAT(scan("none/", 100), IsEmpty());
  EXPECT_THAT(scan("", 100), ElementsAre("w/z", "x/a", "x/a/1", "x/a/2", "x/a/\xff", "x/b", "y/a"));
}

TEST_P(Rows, ScanPagesAddUpToTheWhole) {
  std::vector<RowChange> changes;
  for (int i = 0; i < 25; ++i) changes.push_back({fmt::format("x/{:02}", i), "v"});
  set_rows(changes);
  const auto whole = scan("x/", 100);
  EXPECT_EQ(whole.size(), 25u);
  for (const std::size_t max : {1u, 5u, 24u, 25u}) EXPECT_EQ(scan("x/", max), whole);
}

TEST_P(Rows, ScanResumesBehindAKeyThatIsGone) {
  set_rows({{"x/a", ""}, {"x/c", ""}});
  EXPECT_THAT(keys_of(must(await(store().scan_rows("x/", "x/b", 5))).rows), ElementsAre("x/c"));
  EXPECT_THAT(keys_of(must(await(store().scan_rows("x/", "a", 5))).rows),
              ElementsAre("x/a", "x/c"));
  EXPECT_THAT(keys_of(must(await(store().scan_rows("x/", "y", 5))).rows), IsEmpty());
}

TEST_P(Rows, ScanSaysWhichCommitItSaw) {
  EXPECT_EQ(must(await(store().scan_rows("x/", {}, 5))).snapshot, 0u);
  append({write_of(EventBuilder(1))}, counting_stager());
  EXPECT_EQ(must(await(store().scan_rows("x/", {}, 5))).snapshot, 1u);
}

}  // namespace
}  // namespace test
