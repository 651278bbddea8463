// What a decision sees of the rows: what it declared, as the commit will leave it.
#include "contract/contract.h"

namespace test {
namespace {

using store::RowChange;
using testing::ElementsAre;
using testing::Pair;

/// Texts, because a commit may run a decision again: what its last run saw is looked at afterwards.
using Seen = std::vector<std::string>;

std::string scan(const store::RowView& rows, std::string_view prefix) {
  std::string text;
  for (const auto& row : rows.scan(prefix)) text += row.key + "=" + row.value + " ";
  return text;
}

std::string get(const store::RowView& rows, std::string_view key) {
  return std::string(rows.get(key).value_or("(none)"));
}

class RowScope : public Contract {
 protected:
  /// Appends event 9, and what `look` sees of the rows as a stager that declared `reads`.
  Seen look(const store::Reads& reads, const std::function<Seen(const store::RowView&)>& look) {
    TestStager stager;
    Seen seen;
    stager.on_reads = [&](const auto&, auto& declared) { declared = reads; };
    stager.on_stage = [&](const auto&, const auto& rows) {
      seen = look(rows);
      return store::Staged{};
    };
    append({write_of(EventBuilder(9))}, stager);
    return seen;
  }
};
FOR_EVERY_STORE(RowScope);

TEST_P(RowScope, DeclaredPrefixShowsEverythingBelowInKeyOrder) {
  set_rows({{"x/b", "2"}, {"x/a", "1"}, {"x/b/c", "3"}, {"x", "0"}, {"y/a", "4"}});
  EXPECT_THAT(look({.keys = {}, .prefixes = {"x/"}},
                   [](const store::RowView& rows) {
                     return Seen{scan(rows, "x/"), scan(rows, "x/b"), scan(rows, "x/none"),
                                 get(rows, "x/b/c"), get(rows, "x/none")};
                   }),
              ElementsAre("x/a=1 x/b=2 x/b/c=3 ", "x/b=2 x/b/c=3 ", "", "3", "(none)"));
}

TEST_P(RowScope, UndeclaredIsHidden) {
  set_rows({{"x/a", "1"}, {"x/b", "2"}, {"y/a", "3"}, {"y/ab", "4"}});
  const auto seen = look({.keys = {"x/a"}, .prefixes = {"y/ab"}}, [](const store::RowView& rows) {
    return Seen{get(rows, "x/b"), get(rows, "y/a"), scan(rows, "x/a"), scan(rows, "y/"),
                scan(rows, ""),   get(rows, "x/a"), scan(rows, "y/ab")};
  });
  EXPECT_THAT(seen, ElementsAre("(none)", "(none)", "" /* a key is no prefix */,
                                "" /* wider than what was declared */, "", "1", "y/ab=4 "));
}

TEST_P(RowScope, ScanSeesEarlierChangesOfTheBatch) {
  set_rows({{"x/0", "old"}, {"x/1", "old"}});
  TestStager stager;
  std::map<std::uint64_t, std::string> seen;
  stager.on_reads = [](const auto&, auto& reads) { reads.prefixes = {"x/"}; };
  stager.on_stage = [&](const store::Write& write, const store::RowView& rows) {
    const std::uint64_t id = number_of(write.event->id);
    seen[id] = scan(rows, "x/");
    return store::Staged{.changes = {{"x/0", std::nullopt}, {"x/" + std::to_string(id), "new"}}};
  };
  append(writes_of({EventBuilder(1), EventBuilder(2), EventBuilder(3)}), stager);
  EXPECT_THAT(seen, ElementsAre(Pair(1, "x/0=old x/1=old "), Pair(2, "x/1=new "),
                                Pair(3, "x/1=new x/2=new ")));
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
