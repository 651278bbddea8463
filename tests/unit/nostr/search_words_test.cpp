#include "nostr/search_words.h"

#include <gmock/gmock.h>

#include "event_text.h"

using nostr::words_of_search;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::string> words(const nostr::Event& event) {
  std::vector<std::string> found;
  for (const auto& [word, times] : nostr::words_of_event(event))
    found.push_back(word + "*" + std::to_string(times));
  return found;
}

nostr::Event note(const std::string& content, const std::string& tags = "[]") {
  return test::event({.tags = tags, .content = "\"" + content + "\""});
}

}  // namespace

TEST(SearchWords, AreRunsOfLettersAndDigitsInLowerCase) {
  EXPECT_THAT(words_of_search("Best  nostr-apps, of 2024!"),
              ElementsAre("2024", "apps", "best", "nostr", "of"));
  EXPECT_THAT(words_of_search("orange orange Orange"), ElementsAre("orange"));
}

TEST(SearchWords, FoldTheCaseOfLatinGreekAndCyrillic) {
  EXPECT_THAT(words_of_search("ÄPFEL Œuvre ŁÓDŹ"), ElementsAre("äpfel", "łódź", "œuvre"));
  EXPECT_THAT(words_of_search("ΟΔΥΣΣΕΥΣ"), words_of_search("οδυσσευς"));
  EXPECT_THAT(words_of_search("МОСКВА Ёлка"), ElementsAre("москва", "ёлка"));
}

TEST(SearchWords, OfScriptsWithoutSpacesAreSingleCharacters) {
  EXPECT_THAT(words_of_search("東京 タワー"),
              testing::UnorderedElementsAre("東", "京", "タ", "ワ", "ー"));
  EXPECT_THAT(words_of_search("a東b"), ElementsAre("a", "b", "東"));
}

TEST(SearchWords, SpacesAndSignsBeyondAsciiSeparate) {
  EXPECT_THAT(words_of_search("a\u00a0b\u2014c\u3000d\u00b7e\U0001F600"),
              ElementsAre("a", "b", "c", "d", "e", "\U0001F600"));
}

TEST(SearchWords, PassOverExtensions) {
  EXPECT_THAT(words_of_search("include:spam orange language:en nsfw:false"), ElementsAre("orange"));
  EXPECT_THAT(words_of_search("domain:example.com"), IsEmpty());
  EXPECT_THAT(words_of_search("https://example.com"), ElementsAre("com", "example", "https"));
  EXPECT_THAT(words_of_search("a: :b ::"), ElementsAre("a", "b"));
  EXPECT_THAT(words_of_search(""), IsEmpty());
}

TEST(SearchWords, OfAnEventAreCountedInContentAndTitles) {
  EXPECT_THAT(words(note("To be, or not to be",
                         R"([["title","Hamlet"],["t","stage"],["summary","not short"]])")),
              ElementsAre("be*2", "hamlet*1", "not*2", "or*1", "short*1", "to*2"));
  EXPECT_THAT(words(note(R"(a\nb\t\"c\")")), ElementsAre("a*1", "b*1", "c*1"));
}

TEST(SearchWords, AreBounded) {
  const std::string longest(nostr::max_word_bytes, 'x');
  EXPECT_THAT(words_of_search(longest + "yz"), ElementsAre(longest));
  EXPECT_THAT(words_of_search("ä" + longest), ElementsAre("ä" + longest.substr(2)));
  std::string many;
  for (std::size_t i = 0; i < 2 * nostr::max_words_of_event; ++i) many += std::to_string(i) + " ";
  EXPECT_EQ(nostr::words_of_event(note(many + "7 7")).size(), nostr::max_words_of_event);
  const auto frequent = note(many + "zebra zebra");
  EXPECT_TRUE(nostr::EventWords(frequent).have_all({"zebra"})) << "what is said more often counts";
  const auto late = note(std::string(nostr::max_searched_bytes, ' ') + "late");
  EXPECT_FALSE(nostr::EventWords(late).have_all({"late"}));
}

TEST(SearchWords, AnEventMustHoldAllThatAreAskedFor) {
  const auto event = note("The quick brown fox");
  nostr::EventWords words(event);
  EXPECT_TRUE(words.have_all({"brown", "quick"}));
  EXPECT_FALSE(words.have_all({"brown", "dog"}));
  EXPECT_FALSE(words.have_all({"bro"})) << "whole words";
  EXPECT_TRUE(words.have_all({}));
}
