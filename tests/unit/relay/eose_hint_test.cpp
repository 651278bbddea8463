// NIP-67: "finish" is said when it is certain, and never tells of what is hidden.
#include <fmt/format.h>

#include "unit/relay/scripted_extension.h"

namespace {

using relay::Phase;

class EoseHint : public test::ScriptedFixture {
 protected:
  void start_with_notes(int notes) {
    options_.eose_hints = true;
    start_all();
    auto& client = connect();
    for (int i = 0; i < notes; ++i)
      (void)publish(client, alice.sign(1, {}, fmt::format("note {}", i), now - i));
  }
  std::string end_of(const std::string& filters) { return request(connect(), "q", filters).back(); }
  const std::string finished = R"(["EOSE","q",["finish"]])", plain = R"(["EOSE","q"])";
};

TEST_F(EoseHint, IsNotGivenWhereItIsOff) {
  start();
  EXPECT_EQ(end_of("{}"), plain);
}

TEST_F(EoseHint, FinishesWhenNoFilterReachedItsLimit) {
  options_.limits.query_page_events = 2;
  start_with_notes(5);
  EXPECT_EQ(end_of("{}"), finished);
  EXPECT_EQ(end_of(R"({"limit":6})"), finished);
  EXPECT_EQ(end_of(R"({"kinds":[7]})"), finished);
  EXPECT_EQ(end_of(R"({"ids":[]})"), finished);
  EXPECT_EQ(end_of(R"({"limit":6},{"kinds":[1]})"), finished);
}

TEST_F(EoseHint, SaysNothingWhereAFilterReachedItsLimit) {
  start_with_notes(5);
  EXPECT_EQ(end_of(R"({"limit":4})"), plain);
  EXPECT_EQ(end_of(R"({"limit":5})"), plain) << "there might be more";
  EXPECT_EQ(end_of(R"({"limit":0})"), plain);
  EXPECT_EQ(end_of(R"({"limit":9},{"limit":1})"), plain);
}

TEST_F(EoseHint, SaysNothingWhereTheRelaysOwnLimitCut) {
  options_.limits.max_limit = 3;
  options_.limits.default_limit = 2;
  start_with_notes(5);
  EXPECT_EQ(end_of("{}"), plain);
  EXPECT_EQ(end_of(R"({"limit":100})"), plain);
}

TEST_F(EoseHint, IsTheSameWhetherSomethingIsHiddenOrNotThere) {
  add(Phase::may_read)->may_read = [](const auto& stored, const auto&) {
    return stored.event->kind != 7;
  };
  start_with_notes(2);
  const auto ends = [&] {
    return std::vector{end_of("{}"), end_of(R"({"limit":2})"), end_of(R"({"limit":3})"),
                       end_of(R"({"kinds":[7]})"), end_of(R"({"kinds":[7],"limit":1})")};
  };
  const auto before = ends();
  for (int i = 0; i < 3; ++i)
    (void)publish(connect(), bob.sign(7, {}, fmt::format("hidden {}", i), now - 10 + 5 * i));
  EXPECT_EQ(ends(), before);
  EXPECT_THAT(before, testing::ElementsAre(finished, plain, finished, finished, finished));
}

TEST_F(EoseHint, SaysNothingWhereSomethingCouldNotBeDecided) {
  const auto script = add(Phase::may_read | Phase::prepare);
  script->may_read = [](const auto&, const auto&) { return false; };
  script->undecided = [](const auto&) { return true; };
  start_with_notes(1);
  EXPECT_EQ(end_of("{}"), plain);
  script->undecided = [](const auto&) { return false; };
  EXPECT_EQ(end_of("{}"), finished);
}

TEST_F(EoseHint, OfASearchNeedsThatItLookedAtEverything) {
  const auto script = add(Phase::find);
  start_with_notes(1);
  EXPECT_EQ(end_of(R"({"search":"x"})"), finished);
  script->find = [](const auto&) { return relay::Found{.ids = {}, .complete = false}; };
  EXPECT_EQ(end_of(R"({"search":"x"})"), plain);
}

}  // namespace
