// Filters that search (NIP-50): what an extension found is read, decided, ranked and cut like everything else.
#include <fmt/format.h>

#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;
using test::Client;

class Search : public test::ScriptedFixture {
 protected:
  /// The ids in `order`, whatever is asked.
  void find(std::vector<nostr::EventId> order, bool complete = true) {
    script_->find = [order = std::move(order), complete](const auto&) {
      return relay::Found{.ids = order, .complete = complete};
    };
  }

  nostr::EventId post(Client& client, std::string_view content, int age = 0, int kind = 1) {
    const std::string event = alice.sign(kind, {}, content, now - age);
    EXPECT_TRUE(publish(client, event).contains(",true,\"\"")) << content;
    nostr::MessageParser parser{base::Limits{}};
    return parser.parse_event(event)->id;
  }

  /// The contents of the events that were answered, and how it ended.
  std::vector<std::string> contents(Client& client, const std::string& filters) {
    std::vector<std::string> found;
    for (const std::string& message : request(client, "q", filters)) {
      const auto begin = message.find("\"content\":\"");
      if (begin == message.npos)
        found.push_back(message);
      else
        found.push_back(message.substr(begin + 11, message.find("\",\"sig\"") - begin - 11));
    }
    return found;
  }

  void start_search(relay::Phases phases = Phase::find) {
    script_ = add(phases);
    start_all();
  }

  std::shared_ptr<test::Scripted> script_;
  const std::string eose = R"(["EOSE","q"])";
};

TEST_F(Search, WithoutAnExtensionThatSearchesIsUnsupported) {
  start();
  auto& client = connect();
  EXPECT_THAT(request(client, "q", R"({"search":"words"})"),
              testing::ElementsAre(testing::StartsWith(R"(["CLOSED","q","unsupported: )")));
  EXPECT_THAT(request(client, "q", R"({"kinds":[1]},{"search":""})"),
              testing::ElementsAre(testing::StartsWith(R"(["CLOSED","q","unsupported: )")));
  EXPECT_TRUE(
      count(client, R"({"search":"words"})").starts_with(R"(["CLOSED","n","unsupported: )"));
}

TEST_F(Search, GivesTheBestMatchFirstAndCutsThen) {
  start_search();
  auto& client = connect();
  const auto newest = post(client, "newest"), middle = post(client, "middle", 1),
             oldest = post(client, "oldest", 2);
  find({middle, oldest, newest});
  EXPECT_THAT(contents(client, R"({"search":"x"})"),
              testing::ElementsAre("middle", "oldest", "newest", eose));
  EXPECT_THAT(contents(client, R"({"search":"x","limit":2})"),
              testing::ElementsAre("middle", "oldest", eose));
  EXPECT_THAT(contents(client, R"({"search":"x","limit":0})"), testing::ElementsAre(eose));
}

TEST_F(Search, TheOtherFieldsBind) {
  start_search();
  auto& client = connect();
  const auto note = post(client, "note"), reaction = post(client, "reaction", 1, 7),
             old = post(client, "old", 100);
  find({reaction, old, note});
  EXPECT_THAT(contents(client, R"({"search":"x","kinds":[1]})"),
              testing::ElementsAre("old", "note", eose));
  EXPECT_THAT(contents(client, fmt::format(R"({{"search":"x","since":{}}})", now - 50)),
              testing::ElementsAre("reaction", "note", eose));
  EXPECT_THAT(contents(client, R"({"search":"x","authors":[")" + bob.hex() + R"("]})"),
              testing::ElementsAre(eose));
  EXPECT_THAT(contents(client, R"({"search":"x","ids":[")" + base::to_hex(old) + R"("]})"),
              testing::ElementsAre("old", eose));
}

TEST_F(Search, GivesNothingThatMayNotBeReadAndCutsAfterThat) {
  start_search(Phase::find | Phase::may_read);
  script_->may_read = [key = alice.key()](const auto& stored, const auto& viewer) {
    return viewer.proves(key) || stored.event->kind != 7;
  };
  auto& client = connect();
  const auto secret = post(client, "secret", 0, 7), open = post(client, "open", 1);
  find({secret, open});
  EXPECT_THAT(contents(client, R"({"search":"x","limit":1})"), testing::ElementsAre("open", eose));
  EXPECT_EQ(count(client, R"({"search":"x"})"), R"(["COUNT","n",{"count":1}])");
  (void)authenticate(client, alice);
  EXPECT_THAT(contents(client, R"({"search":"x"})"), testing::ElementsAre("secret", "open", eose));
  EXPECT_EQ(count(client, R"({"search":"x"})"), R"(["COUNT","n",{"count":2}])");
}

TEST_F(Search, ComesBeforeOtherFiltersAndEachEventOnce) {
  start_search();
  auto& client = connect();
  const auto first = post(client, "first"), second = post(client, "second", 1);
  (void)post(client, "third", 2);
  find({second, first});
  EXPECT_THAT(contents(client, R"({"kinds":[1]},{"search":"x"})"),
              testing::ElementsAre("second", "first", "third", eose));
  EXPECT_THAT(contents(client, R"({"search":"x"},{"search":"y"})"),
              testing::ElementsAre("second", "first", eose));
  EXPECT_EQ(count(client, R"({"kinds":[1]},{"search":"x"})"), R"(["COUNT","n",{"count":3}])");
}

TEST_F(Search, ReadsManyFindingsInSlices) {
  options_.limits.send_queue_high_water_bytes = 1000;
  start_search();
  auto& client = connect();
  std::vector<nostr::EventId> found;
  for (int i = 0; i < 100; ++i) found.push_back(post(client, fmt::format("note {}", i), i));
  std::ranges::reverse(found);
  find(found);
  const auto answer = contents(client, R"({"search":"x"})");
  ASSERT_EQ(answer.size(), 101u);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(answer[static_cast<std::size_t>(i)], fmt::format("note {}", 99 - i));
}

TEST_F(Search, FindingsThatAreGoneAreLeftOut) {
  start_search();
  auto& client = connect();
  const auto here = post(client, "here");
  find({nostr::EventId{}, here});
  EXPECT_THAT(contents(client, R"({"search":"x"})"), testing::ElementsAre("here", eose));
}

TEST_F(Search, ACountOfWhatWasNotAllLookedAtIsApproximate) {
  start_search();
  auto& client = connect();
  find({post(client, "here")}, false);
  EXPECT_EQ(count(client, R"({"search":"x"})"), R"(["COUNT","n",{"count":1,"approximate":true}])");
}

TEST_F(Search, ThatFailsClosesTheSubscription) {
  start_search();
  script_->find = [](const auto&) -> relay::Found { throw std::runtime_error("no index"); };
  auto& client = connect();
  EXPECT_THAT(request(client, "q", R"({"search":"x"})"),
              testing::ElementsAre(testing::StartsWith(R"(["CLOSED","q","error: )")));
}

TEST_F(Search, GoesLiveForEventsThatHoldTheWords) {
  start_search();
  auto& client = connect();
  EXPECT_THAT(contents(client, R"({"search":"Orange juice"})"), testing::ElementsAre(eose));
  (void)post(client, "an apple");
  (void)post(client, "orange peel");
  (void)post(client, "juice of an ORANGE");
  (void)request(client, "end", R"({"limit":0})");
  EXPECT_FALSE(has_seen(client, "apple\",\"sig"));
  EXPECT_FALSE(has_seen(client, "orange peel\",\"sig"));
  EXPECT_TRUE(has_seen(client, "juice of an ORANGE\",\"sig"));
}

TEST_F(Search, ThatAsksForNoWordIsAnOrdinaryRequest) {
  start_search();
  auto& client = connect();
  (void)post(client, "old", 5), (void)post(client, "new");
  EXPECT_THAT(contents(client, R"({"search":"include:spam"})"),
              testing::ElementsAre("new", "old", eose));
}

}  // namespace
