#include "contract/contract.h"

namespace test {
namespace {

using store::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

class Deletion : public Contract {};
FOR_EVERY_STORE(Deletion);

EventBuilder deletion(std::uint64_t id, std::int64_t at) { return EventBuilder(id).kind(5).at(at); }
std::string address(unsigned kind, std::uint64_t author, const std::string& d) {
  return fmt::format("{}:{}:{}", kind, hex(author), d);
}

TEST_P(Deletion, RemovesTheTargetsAndIsServedItself) {
  add({EventBuilder(1), EventBuilder(2), EventBuilder(3)});
  EXPECT_EQ(add(deletion(9, 5).tag({"e", hex(1)}).tag({"e", hex(3)}).tag({"k", "1"})),
            Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(2, 9));
  EXPECT_THAT(find(FilterBuilder().kinds({5})), ElementsAre(9));
}

TEST_P(Deletion, DeletedEventCannotComeBack) {
  add({EventBuilder(1), deletion(9, 5).tag({"e", hex(1)})});
  EXPECT_EQ(add(EventBuilder(1)), Outcome::deleted);
  EXPECT_THAT(everything(), ElementsAre(9));
}

TEST_P(Deletion, BarsAnEventThatArrivesLater) {
  add(deletion(9, 5).tag({"e", hex(1)}));
  EXPECT_THAT(add({EventBuilder(1), EventBuilder(2)}),
              ElementsAre(Outcome::deleted, Outcome::accepted));
  EXPECT_THAT(everything(), ElementsAre(2, 9));
}

TEST_P(Deletion, OfAnothersEventDoesNothing) {
  add(EventBuilder(1).by(1));
  EXPECT_EQ(add(deletion(9, 5).by(2).tag({"e", hex(1)})), Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(1, 9));
}

TEST_P(Deletion, OfAnothersEventBeforeItArrivesDoesNothing) {
  add(deletion(9, 5).by(2).tag({"e", hex(1)}));
  EXPECT_EQ(add(EventBuilder(1).by(1)), Outcome::accepted);
}

TEST_P(Deletion, NobodyDeletesADeletion) {
  add({EventBuilder(1), deletion(9, 5).tag({"e", hex(1)}), deletion(8, 6).tag({"e", hex(9)})});
  EXPECT_THAT(everything(), ElementsAre(8, 9));
  EXPECT_EQ(add(EventBuilder(1)), Outcome::deleted);
}

TEST_P(Deletion, NobodyDeletesADeletionBeforeItArrives) {
  add(deletion(8, 6).tag({"e", hex(9)}));
  EXPECT_EQ(add(deletion(9, 5).tag({"e", hex(1)})), Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(8, 9));
}

TEST_P(Deletion, RecipientDeletesAGiftWrap) {
  const auto wrap = EventBuilder(1).by(77).kind(1059).tag({"p", hex(2)});
  add({wrap, deletion(9, 5).by(3).tag({"e", hex(1)})});
  EXPECT_THAT(everything(), ElementsAre(1, 9)) << "a stranger may not";
  add(deletion(8, 4).by(2).tag({"e", hex(1)}));
  EXPECT_THAT(everything(), ElementsAre(9, 8));
  EXPECT_EQ(add(wrap), Outcome::deleted);
}

TEST_P(Deletion, RecipientBarsAGiftWrapBeforeItArrives) {
  add(deletion(8, 4).by(2).tag({"e", hex(1)}));
  EXPECT_EQ(add(EventBuilder(1).by(77).kind(1059).tag({"p", hex(2)})), Outcome::deleted);
}

TEST_P(Deletion, BeingTaggedInAnOrdinaryEventGivesNoRight) {
  add({EventBuilder(1).by(77).tag({"p", hex(2)}), deletion(8, 4).by(2).tag({"e", hex(1)})});
  EXPECT_THAT(everything(), ElementsAre(1, 8));
}

TEST_P(Deletion, ByAddressRemovesVersionsUpToItsOwnTime) {
  const auto article = [](std::uint64_t id, std::int64_t at) {
    return EventBuilder(id).kind(30023).at(at).tag({"d", "a:b"});
  };
  const auto by_address = [](std::uint64_t id, std::int64_t at) {
    return deletion(id, at).tag({"a", address(30023, 1, "a:b")});
  };
  add({article(1, 10), by_address(2, 9)});
  EXPECT_THAT(everything(), ElementsAre(1, 2)) << "a newer version stands";
  add(by_address(3, 10));
  EXPECT_THAT(everything(), ElementsAre(3, 2)) << "the same second goes";
  EXPECT_THAT(add({article(4, 10), article(5, 9), article(1, 10)}),
              ElementsAre(Outcome::deleted, Outcome::deleted, Outcome::deleted));
  EXPECT_EQ(add(article(6, 11)), Outcome::accepted);
  EXPECT_EQ(add(by_address(7, 8)), Outcome::accepted);
  EXPECT_EQ(add(article(8, 10)), Outcome::deleted) << "an older deletion does not lift a newer one";
}

TEST_P(Deletion, ByAddressCoversReplaceableKinds) {
  add({EventBuilder(1).kind(0).at(10), EventBuilder(2).kind(10002).at(10),
       EventBuilder(3).kind(3).at(10)});
  add(deletion(9, 10).tag({"a", address(0, 1, "")}).tag({"a", address(10002, 1, "")}));
  EXPECT_THAT(everything(), ElementsAre(3, 9));
}

TEST_P(Deletion, ByAddressTouchesNoOtherAddress) {
  add({EventBuilder(1).kind(30023).at(1).tag({"d", "x"}),
       EventBuilder(2).kind(30023).at(2).tag({"d", "x_y"}),
       EventBuilder(3).kind(30024).at(3).tag({"d", "x"}),
       EventBuilder(4).kind(30023).by(2).at(4).tag({"d", "x"})});
  add(deletion(9, 50).tag({"a", address(30023, 1, "x")}).tag({"a", address(30023, 2, "x")}));
  EXPECT_THAT(everything(), ElementsAre(9, 4, 3, 2));
}

TEST_P(Deletion, ByAddressBeforeArrivalLetsNewerVersionsIn) {
  add(deletion(9, 10).tag({"a", address(30023, 1, "x")}));
  const auto article = [](std::uint64_t id, std::int64_t at) {
    return EventBuilder(id).kind(30023).at(at).tag({"d", "x"});
  };
  EXPECT_THAT(add({article(1, 10), article(2, 11)}),
              ElementsAre(Outcome::deleted, Outcome::accepted));
}

TEST_P(Deletion, SeesTheWritesBeforeItInItsBatchOnly) {
  EXPECT_THAT(
      add({EventBuilder(1), deletion(9, 5).tag({"e", hex(1)}).tag({"e", hex(2)}), EventBuilder(2)}),
      ElementsAre(Outcome::accepted, Outcome::accepted, Outcome::deleted));
  EXPECT_THAT(everything(), ElementsAre(9));
}

TEST_P(Deletion, DuplicateIsSaidBeforeDeleted) {
  add(deletion(9, 5).tag({"e", hex(9)}));
  EXPECT_EQ(add(deletion(9, 5).tag({"e", hex(9)})), Outcome::duplicate);
}

TEST_P(Deletion, MalformedTargetsAreIgnored) {
  add(EventBuilder(1));
  EXPECT_EQ(add(deletion(9, 5)
                    .tag({"e"})
                    .tag({"e", "01"})
                    .tag({"a", "30023:xyz:"})
                    .tag({"a", "1:2"})
                    .tag({})),
            Outcome::accepted);
  EXPECT_THAT(everything(), ElementsAre(1, 9));
}

}  // namespace
}  // namespace test
