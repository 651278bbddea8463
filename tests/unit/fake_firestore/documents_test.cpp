#include "fake_firestore/documents.h"

#include <gtest/gtest.h>

#include <set>

#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

TEST(Documents, EveryCommitCanBeLookedBackAt) {
  Documents documents;
  const Micros first = commit(documents, set("a", integer(1)));
  const Micros second = commit(documents, set("a", integer(2)));
  const Micros third = commit(documents, removal("a"));
  EXPECT_EQ(documents.find(name_of("a"), first - 1), nullptr);
  EXPECT_EQ(documents.find(name_of("a"), first)->fields().at("x").integer_value(), 1);
  EXPECT_EQ(documents.find(name_of("a"), third - 1)->fields().at("x").integer_value(), 2);
  EXPECT_EQ(documents.find(name_of("a"), third), nullptr);
  EXPECT_EQ(documents.starting_with(root, second).size(), 1u);
  EXPECT_EQ(documents.starting_with(root, third).size(), 0u);
}

TEST(Documents, ChangesAreNamedBetweenTwoTimes) {
  Documents documents;
  const Micros first = commit(documents, set("a", integer(1)));
  commit(documents, set("b", integer(1)));
  const Micros third = commit(documents, set("c", integer(1)));
  EXPECT_EQ(documents.changed(first, third), (std::set{name_of("b"), name_of("c")}));
  EXPECT_EQ(documents.changed(third, first), std::set<std::string>());
}

TEST(Documents, TimesAlwaysRise) {
  Documents documents;
  Micros last = 0;
  for (int i = 0; i < 1000; ++i) {
    const Micros next = documents.tick();
    ASSERT_GT(next, last);
    last = next;
  }
  EXPECT_EQ(micros_of(timestamp_of(last)), last);
}

TEST(Documents, HistoryIsBoundedAndTheRestIsWhole) {
  Documents documents(3);
  commit(documents, set("gone", integer(0)));
  commit(documents, removal("gone"));
  commit(documents, set("a", integer(0)));
  for (int i = 1; i <= 5; ++i) commit(documents, set("b", integer(i)));
  EXPECT_GT(documents.oldest(), 0);
  EXPECT_EQ(documents.starting_with(root, documents.newest()).size(), 2u);
  EXPECT_NE(documents.find(name_of("a"), documents.oldest()), nullptr);
  const auto oldest = documents.find(name_of("b"), documents.oldest());
  ASSERT_NE(oldest, nullptr);
  EXPECT_EQ(oldest->fields().at("x").integer_value(), 2);
}

}  // namespace
}  // namespace fake_firestore
