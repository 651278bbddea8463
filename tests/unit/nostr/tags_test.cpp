#include "nostr/tags.h"

#include <gtest/gtest.h>

#include "event_text.h"

using namespace std::string_view_literals;

namespace {

nostr::Tags tags(const std::string& json) { return test::event({.tags = json}).tags; }

}  // namespace

TEST(Tags, StringsKeepTheirOrderAndBytes) {
  const auto all = tags(R"([["e","x","wss://r"],[],["","\u0000é"]])");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].size(), 3u);
  EXPECT_EQ(all[0].name(), "e");
  EXPECT_EQ(all[0].value(), "x");
  EXPECT_EQ(all[0][2], "wss://r");
  EXPECT_EQ(all[1].size(), 0u);
  EXPECT_EQ(all[2].name(), "");
  EXPECT_EQ(all[2].value(), "\0é"sv);
}

TEST(Tags, ReadingPastATagsEndGivesEmptyText) {
  const auto all = tags(R"([["e"],[],["p","x"]])");
  EXPECT_EQ(all[0].value(), "");
  EXPECT_EQ(all[1].name(), "");
  EXPECT_EQ(all[2][7], "");
}

TEST(Tags, AreCountedNotTheirValues) {
  const auto all = tags(R"([["p","a"],["p","a"],["p"],["P","a"],["pp"],[]])");
  EXPECT_EQ(all.count("p"), 3u);
  EXPECT_EQ(all.count("h"), 0u);
  EXPECT_EQ(all.count(""), 0u);
}

TEST(Tags, FirstIsTheFirstOfThatName) {
  const auto all = tags(R"([["x","0"],["d","1"],["d","2"],["h"]])");
  EXPECT_EQ(all.first("d"), "1");
  EXPECT_EQ(all.first("h"), "");
  EXPECT_EQ(all.first("z"), std::nullopt);
}

TEST(Tags, OnlyOneLetterNamesWithAValueAreIndexed) {
  const auto all =
      tags(R"([["h","x"],["Z",""],["h"],["hh","x"],["1","x"],["é","x"],["-","x"],["","x"],[]])");
  std::string letters;
  for (const nostr::Tag tag : all) letters += tag.indexed_letter() ? tag.indexed_letter() : '.';
  EXPECT_EQ(letters, "hZ.......");
}

TEST(Tags, OfAMovedOrCopiedEventStayReadable) {
  auto event = test::event({.tags = R"([["a","b"]])"});
  const auto copy = event;
  const auto moved = std::move(event);
  EXPECT_EQ(copy.tags[0].value(), "b");
  EXPECT_EQ(moved.tags[0].value(), "b");
}
