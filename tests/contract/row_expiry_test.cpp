#include "contract/contract.h"

namespace test {
namespace {

using store::RowChange;
using testing::ElementsAre;
using testing::IsEmpty;

class RowExpiry : public Contract {};
FOR_EVERY_STORE(RowExpiry);

std::vector<std::string> keys_of(const store::CommitBatch& batch) {
  std::vector<std::string> keys;
  for (const RowChange& change : batch.changes) {
    EXPECT_EQ(change.value, std::nullopt);
    keys.push_back(change.key);
  }
  return keys;
}

TEST_P(RowExpiry, RowStaysUntilItIsPurged) {
  set_rows({{"x/a", "1", 100}});
  EXPECT_EQ(purge(99).removed, 0u);
  EXPECT_EQ(row("x/a"), "1");
  const auto page = must(await(store().scan_rows("x/", {}, 5)));
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].value, "1");
}

TEST_P(RowExpiry, PurgedRowTakesItsExpiryWithIt) {
  set_rows({{"x/a", "1", 100}, {"x/b", "2"}});
  const auto purged = purge(100);
  EXPECT_EQ(purged.removed, 1u);
  EXPECT_THAT(keys_of(*purged.batch), ElementsAre("x/a"));
  EXPECT_EQ(purged.batch->last, 2u);
  EXPECT_EQ(row("x/a"), std::nullopt);
  EXPECT_EQ(row("x/b"), "2");
  set_rows({{"x/a", "again"}});
  EXPECT_EQ(purge(1000).removed, 0u);
  EXPECT_EQ(row("x/a"), "again");
}

TEST_P(RowExpiry, LaterChangeReplacesTheExpiry) {
  set_rows({{"x/a", "1", 100}, {"x/b", "1", 300}});
  set_rows({{"x/a", "2", 300}, {"x/b", "2", 100}});
  EXPECT_THAT(keys_of(*purge(200).batch), ElementsAre("x/b"));
  EXPECT_EQ(row("x/a"), "2");
  EXPECT_THAT(keys_of(*purge(300).batch), ElementsAre("x/a"));
}

TEST_P(RowExpiry, ChangeWithoutExpiryDropsIt) {
  set_rows({{"x/a", "1", 100}, {"x/b", "1"}});
  set_rows({{"x/a", "2"}, {"x/b", "2", 100}});
  EXPECT_THAT(keys_of(*purge(200).batch), ElementsAre("x/b"));
  EXPECT_EQ(row("x/a"), "2");
}

TEST_P(RowExpiry, ErasedRowDropsItsExpiry) {
  set_rows({{"x/a", "1", 100}});
  set_rows({{"x/a", std::nullopt}});
  EXPECT_EQ(purge(200).removed, 0u);
  set_rows({{"x/b", "1", 100}, {"x/b", std::nullopt}, {"x/b", "2"}});
  EXPECT_EQ(purge(200).removed, 0u);
  EXPECT_EQ(row("x/b"), "2");
}

TEST_P(RowExpiry, LongestExpiredGoFirstInSlicesSharedWithEvents) {
  append({write_of(EventBuilder(1), 150)});
  set_rows({{"x/a", "", 103}, {"x/b", "", 101}, {"x/c", "", 101}, {"x/d", "", 102}});
  auto purged = purge(200, 3);
  EXPECT_EQ(purged.removed, 3u);
  EXPECT_THAT(everything(), IsEmpty());
  EXPECT_THAT(keys_of(*purged.batch), ElementsAre("x/b", "x/c"));
  purged = purge(200, 3);
  EXPECT_EQ(purged.removed, 2u);
  EXPECT_THAT(keys_of(*purged.batch), ElementsAre("x/d", "x/a"));
}

TEST_P(RowExpiry, RowThatWentWithItsEventIsNotCountedAgain) {
  append({write_of(EventBuilder(1), 100)});
  set_rows({{"x/a", "", 100}});
  TestStager stager;
  stager.on_stage_erase = [](const auto&, const auto&) {
    return std::vector{RowChange{"x/a", std::nullopt}};
  };
  EXPECT_EQ(purge(100, 100, stager).removed, 1u);
}

TEST_P(RowExpiry, KeysOfFullLengthMayExpire) {
  const std::string key(400, 'k');
  set_rows({{key, "v", 100}});
  EXPECT_THAT(keys_of(*purge(100).batch), ElementsAre(key));
}

}  // namespace
}  // namespace test
