// What a decision sees of the rows: what it declared, as the commit will leave it.
#include "contract/contract.h"

namespace test {
namespace {

using store::RowChange;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts_of(const std::vector<store::Row>& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.push_back(row.key + "=" + row.value);
  return texts;
}

class RowScope : public Contract {
 protected:
  /// Appends event 9 and looks at the rows as a stager that declared `reads` sees them.
  void look(const store::Reads& reads, const std::function<void(const store::RowView&)>& look) {
    TestStager stager;
    bool looked = false;
    stager.on_reads = [&](const auto&, auto& declared) { declared = reads; };
    stager.on_stage = [&](const auto&, const auto& rows) {
      look(rows);
      looked = true;
      return store::Staged{};
    };
    append({write_of(EventBuilder(9))}, stager);
    EXPECT_TRUE(looked);
  }
};
FOR_EVERY_STORE(RowScope);

TEST_P(RowScope, DeclaredPrefixShowsEverythingBelowInKeyOrder) {
  set_rows({{"x/b", "2"}, {"x/a", "1"}, {"x/b/c", "3"}, {"x", "0"}, {"y/a", "4"}});
  look({.keys = {}, .prefixes = {"x/"}}, [](const store::RowView& rows) {
    EXPECT_THAT(texts_of(rows.scan("x/")), ElementsAre("x/a=1", "x/b=2", "x/b/c=3"));
    EXPECT_THAT(texts_of(rows.scan("x/b")), ElementsAre("x/b=2", "x/b/c=3"));
    EXPECT_THAT(rows.scan("x/none"), IsEmpty());
    EXPECT_EQ(rows.get("x/b/c"), "3");
    EXPECT_EQ(rows.get("x/none"), std::nullopt);
  });
}

TEST_P(RowScope, UndeclaredIsHidden) {
  set_rows({{"x/a", "1"}, {"x/b", "2"}, {"y/a", "3"}, {"y/ab", "4"}});
  look({.keys = {"x/a"}, .prefixes = {"y/ab"}}, [](const store::RowView& rows) {
    EXPECT_EQ(rows.get("x/b"), std::nullopt);
    EXPECT_EQ(rows.get("y/a"), std::nullopt);
    EXPECT_THAT(rows.scan("x/a"), IsEmpty()) << "a key is no prefix";
    EXPECT_THAT(rows.scan("y/"), IsEmpty()) << "wider than what was declared";
    EXPECT_THAT(rows.scan(""), IsEmpty());
    EXPECT_EQ(rows.get("x/a"), "1");
    EXPECT_THAT(texts_of(rows.scan("y/ab")), ElementsAre("y/ab=4"));
  });
}

TEST_P(RowScope, ScanSeesEarlierChangesOfTheBatch) {
  set_rows({{"x/0", "old"}, {"x/1", "old"}});
  TestStager stager;
  std::vector<std::vector<std::string>> seen;
  stager.on_reads = [](const auto&, auto& reads) { reads.prefixes = {"x/"}; };
  stager.on_stage = [&](const store::Write& write, const store::RowView& rows) {
    seen.push_back(texts_of(rows.scan("x/")));
    const std::string id = std::to_string(number_of(write.event->id));
    return store::Staged{.changes = {{"x/0", std::nullopt}, {"x/" + id, "new"}}};
  };
  append(writes_of({EventBuilder(1), EventBuilder(2), EventBuilder(3)}), stager);
  EXPECT_THAT(seen, ElementsAre(ElementsAre("x/0=old", "x/1=old"), ElementsAre("x/1=new"),
                                ElementsAre("x/1=new", "x/2=new")));
}

TEST_P(RowScope, EraseScansToo) {
  set_rows({{"x/1/a", ""}, {"x/1/b", ""}, {"x/2/a", ""}});
  add(EventBuilder(1));
  TestStager stager;
  stager.on_erase_reads = [](const auto&, auto& reads) { reads.prefixes = {"x/1/"}; };
  stager.on_stage_erase = [](const auto&, const store::RowView& rows) {
    std::vector<RowChange> changes;
    for (const auto& row : rows.scan("x/1/")) changes.push_back({row.key, std::nullopt});
    return changes;
  };
  append({write_of(EventBuilder(9).kind(5).tag({"e", hex(1)}))}, stager);
  EXPECT_EQ(row("x/1/a"), std::nullopt);
  EXPECT_EQ(row("x/1/b"), std::nullopt);
  EXPECT_EQ(row("x/2/a"), "");
}

}  // namespace
}  // namespace test
