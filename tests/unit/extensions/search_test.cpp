// The search extension in a relay: from words in events to ranked answers.
#include <fmt/format.h>

#include "extensions/mls_gateway/extension.h"
#include "extensions/search/extension.h"
#include "extensions/search/word_rows.h"
#include "unit/relay/relay_fixture.h"

namespace {

using extensions::search::Config;
using test::Client;
using testing::ElementsAre;
using testing::IsEmpty;

class Search : public test::RelayFixture {
 protected:
  void start_search(Config config = {}) {
    search_ = std::make_shared<extensions::search::Search>(std::move(config));
    start({search_});
  }

  std::string post(Client& client, std::string_view content, int age = 0, int kind = 1,
                   const test::TagList& tags = {}) {
    const std::string event = alice.sign(kind, tags, content, now - age);
    EXPECT_THAT(publish(client, event), testing::HasSubstr(",true,\"\"")) << content;
    return event.substr(7, 64);
  }

  /// The contents that this filter finds, in the order in which they came.
  std::vector<std::string> found(Client& client, const std::string& filter) {
    std::vector<std::string> contents;
    for (const std::string& message : request(client, "q", filter)) {
      const auto begin = message.find("\"content\":\"");
      if (begin == message.npos) continue;
      contents.push_back(message.substr(begin + 11, message.find("\",\"sig\"") - begin - 11));
    }
    return contents;
  }

  std::size_t rows() {
    return run(store_.scan_rows("search/", std::nullopt, 100'000))->rows.size();
  }

  const test::Signer alice{1}, bob{2};
  std::shared_ptr<extensions::search::Search> search_;
};

TEST_F(Search, FindsEventsThatHoldAllWordsInAnyCase) {
  start_search();
  auto& client = connect();
  (void)post(client, "Oranges are not the only fruit");
  (void)post(client, "the fruit bowl", 1);
  EXPECT_THAT(found(client, R"({"search":"FRUIT the"})"), testing::SizeIs(2));
  EXPECT_THAT(found(client, R"({"search":"fruit oranges"})"),
              ElementsAre("Oranges are not the only fruit"));
  EXPECT_THAT(found(client, R"({"search":"fruit apples"})"), IsEmpty());
  EXPECT_THAT(found(client, R"({"search":"fru"})"), IsEmpty()) << "whole words";
  EXPECT_THAT(found(client, R"({"search":"bowl language:en include:spam"})"),
              ElementsAre("the fruit bowl"));
}

TEST_F(Search, RanksWhatIsMoreAboutTheWordsFirstThenTheNewest) {
  start_search();
  auto& client = connect();
  std::string passing = "orange and";
  for (int i = 0; i < 40; ++i) passing += fmt::format(" word{}", i);
  (void)post(client, passing);
  (void)post(client, "orange orange", 1);
  (void)post(client, "orange juice", 3);
  (void)post(client, "orange peels", 2);
  EXPECT_THAT(found(client, R"({"search":"orange"})"),
              ElementsAre("orange orange", "orange peels", "orange juice", passing));
  EXPECT_THAT(found(client, R"({"search":"orange","limit":1})"), ElementsAre("orange orange"));
}

TEST_F(Search, OtherFieldsOfTheFilterBind) {
  start_search();
  auto& client = connect();
  (void)post(client, "orange one", 10);
  (void)post(client, "orange two", 20, 30023, {{"d", "x"}});
  (void)publish(client, bob.sign(1, {}, "orange three", now - 30));
  EXPECT_THAT(found(client, R"({"search":"orange","kinds":[30023]})"), ElementsAre("orange two"));
  EXPECT_THAT(found(client, R"({"search":"orange","authors":[")" + bob.hex() + R"("]})"),
              ElementsAre("orange three"));
  EXPECT_THAT(found(client, fmt::format(R"({{"search":"orange","since":{}}})", now - 10)),
              ElementsAre("orange one"));
  EXPECT_THAT(found(client, fmt::format(R"({{"search":"orange","until":{}}})", now - 30)),
              ElementsAre("orange three"));
  EXPECT_THAT(found(client, R"({"search":"orange","until":-1})"), IsEmpty());
  EXPECT_THAT(found(client, R"({"search":"orange","since":-5})"), testing::SizeIs(3));
}

TEST_F(Search, TitlesAndSummariesAreSearchedTags) {
  start_search();
  auto& client = connect();
  (void)post(client, "text", 0, 30023, {{"d", "x"}, {"title", "Citrus"}, {"t", "peel"}});
  EXPECT_THAT(found(client, R"({"search":"citrus"})"), ElementsAre("text"));
  EXPECT_THAT(found(client, R"({"search":"peel"})"), IsEmpty());
}

TEST_F(Search, KindsThatAreNotSearchedAreNotFoundStoredNorLive) {
  start_search({.enabled = true, .kinds = {1}});
  auto& client = connect();
  (void)post(client, "orange stored", 0, 7);
  EXPECT_EQ(rows(), 0u);
  EXPECT_THAT(found(client, R"({"search":"orange"})"), IsEmpty());
  (void)post(client, "orange live", 0, 7);
  (void)post(client, "orange note", 0, 1);
  (void)request(client, "end", R"({"limit":0})");
  EXPECT_FALSE(has_seen(client, "orange live"));
  EXPECT_TRUE(has_seen(client, "orange note"));
}

TEST_F(Search, PrivateKindsAreNeverIndexedWhateverTheConfigurationSays) {
  start_search({.enabled = true, .kinds = {1, 4, 13, 443, 444, 445, 446, 450, 1059, 21059}});
  auto& client = connect();
  for (const int kind : {4, 13, 443, 444, 445, 446, 450, 1059, 21059})
    (void)post(client, "secret", 0, kind);
  EXPECT_EQ(rows(), 0u);
  EXPECT_THAT(found(client, R"({"search":"secret"})"), IsEmpty());
  EXPECT_EQ(count(client, R"({"search":"secret"})"), R"(["COUNT","n",{"count":0}])");
}

TEST_F(Search, RowsLeaveWithTheirEvent) {
  start_search();
  auto& client = connect();
  const std::string id = post(client, "orange");
  EXPECT_EQ(rows(), 1u);
  (void)post(client, "", 0, 5, {{"e", id}});
  EXPECT_EQ(rows(), 0u);
  (void)post(client, "apple pie", 1, 0);
  (void)post(client, "pear", 0, 0);
  EXPECT_EQ(rows(), 1u) << "replaced";
  EXPECT_THAT(found(client, R"({"search":"apple"})"), IsEmpty());
  EXPECT_THAT(found(client, R"({"search":"pear"})"), ElementsAre("pear"));
}

TEST_F(Search, RefusedAndRepeatedEventsLeaveNoRows) {
  start_search();
  auto& client = connect();
  const std::string event = alice.sign(1, {}, "orange", now);
  (void)publish(client, event);
  (void)publish(client, event);
  (void)post(client, "pear new", 0, 0);
  EXPECT_THAT(publish(client, alice.sign(0, {}, "stale apple", now - 1)),
              testing::HasSubstr("false"));
  EXPECT_EQ(rows(), 3u);
}

TEST_F(Search, EphemeralEventsLeaveNoRowsAndAreFoundLive) {
  start_search({.enabled = true, .kinds = {20001}});
  auto& client = connect();
  (void)request(client, "q", R"({"search":"orange"})");
  (void)post(client, "orange live", 0, 20001);
  EXPECT_FALSE(await(client, "orange live").empty());
  EXPECT_EQ(rows(), 0u);
}

TEST_F(Search, AKindThatIsNoLongerSearchedLosesItsRowsWithItsEvents) {
  start_search();
  auto& client = connect();
  const std::string id = post(client, "orange");
  search_->configure({.enabled = true, .kinds = {0}});
  (void)post(client, "apple", 0, 1);
  EXPECT_EQ(rows(), 1u);
  (void)post(client, "", 0, 5, {{"e", id}});
  EXPECT_EQ(rows(), 0u);
}

TEST_F(Search, LooksAtTheNewestCandidatesAndSaysSo) {
  options_.eose_hints = true;
  start_search({.enabled = true, .candidates = 3});
  auto& client = connect();
  for (int i = 0; i < 5; ++i) (void)post(client, fmt::format("common {}", i), i);
  EXPECT_THAT(found(client, R"({"search":"common"})"),
              ElementsAre("common 0", "common 1", "common 2"));
  EXPECT_EQ(request(client, "q", R"({"search":"common"})").back(), R"(["EOSE","q"])");
  EXPECT_EQ(count(client, R"({"search":"common"})"),
            R"(["COUNT","n",{"count":3,"approximate":true}])");
  EXPECT_THAT(found(client, fmt::format(R"({{"search":"common","until":{}}})", now - 3)),
              ElementsAre("common 3", "common 4"));
  EXPECT_THAT(found(client, R"({"search":"common 4"})"), ElementsAre("common 4"))
      << "its rarest word leads to it";
  EXPECT_EQ(request(client, "q", fmt::format(R"({{"search":"common","since":{}}})", now)).back(),
            R"(["EOSE","q",["finish"]])");
}

TEST_F(Search, CountsWhatItFinds) {
  start_search();
  auto& client = connect();
  for (int i = 0; i < 5; ++i) (void)post(client, "orange", i);
  EXPECT_EQ(count(client, R"({"search":"orange"})"), R"(["COUNT","n",{"count":5}])");
  EXPECT_EQ(count(client, R"({"search":"orange"},{"kinds":[1]})"), R"(["COUNT","n",{"count":5}])");
}

TEST_F(Search, IsNoRoadToWhatTheGatewayHides) {
  start({std::make_shared<extensions::mls_gateway::MlsGateway>(extensions::mls_gateway::Config{},
                                                               log_),
         std::make_shared<extensions::search::Search>(
             Config{.enabled = true, .kinds = {1, 443, 445, 1059}})});
  auto& client = connect();
  const std::string h = "a-capability-group";
  (void)publish(client, bob.sign(445, {{"h", h}}, "orange", now));
  (void)publish(client, bob.sign(1059, {{"p", alice.hex()}}, "orange", now));
  EXPECT_THAT(found(client, R"({"search":"orange"})"), IsEmpty());
  EXPECT_THAT(found(client, R"({"search":"orange","#h":[")" + h + R"("]})"), IsEmpty());
  (void)authenticate(client, alice);
  EXPECT_THAT(found(client, R"({"search":"orange","kinds":[1059]})"), IsEmpty());
}

TEST(WordRows, KeysAreShortAndInQueryOrder) {
  using namespace extensions::search;
  const auto event = [](std::string_view content, base::UnixSeconds at) {
    nostr::MessageParser parser{base::Limits{}};
    return *parser.parse_event(test::Signer(1).sign(1, {}, content, at));
  };
  const auto newer = rows_of(event("word", 2000)), older = rows_of(event("word", 1000));
  EXPECT_LT(newer[0].key, older[0].key);
  EXPECT_LT(word_until("word", 1500), older[0].key);
  EXPECT_LT(newer[0].key, word_until("word", 1500));
  EXPECT_LT(word_until("word", 2000), newer[0].key) << "inclusive";
  const auto hit = parse_hit(store::Row{newer[0].key, *newer[0].value});
  EXPECT_EQ(time_of(*hit), 2000);
  EXPECT_EQ(hit->kind, 1);
  EXPECT_LE(rows_of(event(std::string(1000, 'x'), 1))[0].key.size(), 400u);
  EXPECT_FALSE(parse_hit(store::Row{"search/x", "abc"}));
}

}  // namespace
