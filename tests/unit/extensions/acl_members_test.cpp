#include "extensions/mls_gateway/acl_members.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "support/event_builder.h"

namespace extensions::mls_gateway {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

using Answer = std::expected<AclAnswer, AclError>;

/// Questions stay open until the test answers them.
class Sidecar {
 public:
  explicit Sidecar(asio::io_context& loop) : loop_(loop) {}

  AskSidecar asker() {
    return [this](nostr::PublicKey, std::string group) { return ask(std::move(group)); };
  }
  [[nodiscard]] std::vector<std::string> open() const {
    std::vector<std::string> groups;
    for (const auto& question : questions_) groups.push_back(question->group);
    return groups;
  }
  /// Answers the oldest open question.
  void answer(const Answer& answer) {
    const auto question = questions_.front();
    questions_.erase(questions_.begin());
    question->answer = answer;
    question->answered.cancel();
  }

 private:
  struct Question {
    std::string group;
    asio::steady_timer answered;
    Answer answer = std::unexpected(AclError::unreachable);
  };

  asio::awaitable<Answer> ask(std::string group) {
    if (group == "throws") throw std::runtime_error("a broken client");
    const auto question =
        std::make_shared<Question>(Question{std::move(group), asio::steady_timer(loop_)});
    question->answered.expires_at(SteadyTime::max());
    questions_.push_back(question);
    boost::system::error_code woken;
    co_await question->answered.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return question->answer;
  }

  asio::io_context& loop_;
  std::vector<std::shared_ptr<Question>> questions_;
};

Answer says(Standing standing, std::chrono::milliseconds ttl = 60s) {
  return AclAnswer{.standing = standing, .ttl = ttl};
}

class AclMembersTest : public testing::Test {
 protected:
  using Asked = std::shared_ptr<std::optional<Standing>>;

  void make(const AclMembers::Options& options) {
    members =
        AclMembers::make(loop.get_executor(), sidecar.asker(), options, [this] { return now; });
  }
  /// Everything that can happen without waiting for time to pass.
  void settle() {
    loop.restart();
    loop.poll();
  }
  Asked ask(std::uint64_t key, std::string group) {
    auto asked = std::make_shared<std::optional<Standing>>();
    asio::co_spawn(loop, members->ask(test::bytes32(key), std::move(group)),
                   [asked](const std::exception_ptr&, Standing standing) { *asked = standing; });
    settle();
    return asked;
  }
  void answer(const Answer& answer) {
    sidecar.answer(answer);
    settle();
  }
  void learn(std::uint64_t key, std::string group, const Answer& said) {
    ask(key, std::move(group));
    answer(said);
  }
  Standing known(std::uint64_t key, std::string_view group) {
    return members->known(test::bytes32(key), group, now);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    members->refresh_due();
    settle();
  }

  asio::io_context loop;
  Sidecar sidecar{loop};
  SteadyTime now{1000s};
  std::shared_ptr<AclMembers> members =
      AclMembers::make(loop.get_executor(), sidecar.asker(), {}, [this] { return now; });
};

TEST_F(AclMembersTest, AnAnswerIsKnownForItsTimeAndNoLonger) {
  EXPECT_EQ(known(1, "g"), Standing::unknown);
  const auto asked = ask(1, "g");
  EXPECT_FALSE(*asked);
  answer(says(Standing::admin, 10s));
  EXPECT_EQ(*asked, Standing::admin);
  EXPECT_EQ(known(1, "g"), Standing::admin);
  EXPECT_EQ(*ask(1, "g"), Standing::admin);
  EXPECT_EQ(members->counters().asked, 1u);
  now += 10s;
  EXPECT_EQ(known(1, "g"), Standing::unknown);
}

TEST_F(AclMembersTest, TheSidecarMayShortenTheCacheTtlAndNotExtendIt) {
  make({.cache_ttl = 5s});
  learn(1, "g", says(Standing::outsider, 3600s));
  now += 4s;
  EXPECT_EQ(known(1, "g"), Standing::outsider);
  now += 1s;
  EXPECT_EQ(known(1, "g"), Standing::unknown);
}

TEST_F(AclMembersTest, AFailureIsUnknownCountedAndNotKept) {
  for (const auto error : {AclError::unreachable, AclError::timed_out, AclError::malformed}) {
    const auto asked = ask(1, "g");
    answer(std::unexpected(error));
    EXPECT_EQ(*asked, Standing::unknown);
    EXPECT_EQ(known(1, "g"), Standing::unknown);
  }
  EXPECT_EQ(*ask(1, "throws"), Standing::unknown);
  EXPECT_EQ(members->counters().asked, 4u);
  EXPECT_EQ(members->counters().failed, 4u);
  EXPECT_EQ(members->size(), 0u);
}

TEST_F(AclMembersTest, ConcurrentAsksOfAPairShareARequest) {
  const auto first = ask(1, "g"), second = ask(1, "g"), other = ask(2, "g");
  EXPECT_EQ(members->counters().asked, 2u);
  answer(says(Standing::member));
  EXPECT_EQ(*first, Standing::member);
  EXPECT_EQ(*second, Standing::member);
  EXPECT_FALSE(*other);
}

TEST_F(AclMembersTest, WhoGivesUpLeavesTheRequestToTheOthers) {
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(loop, members->ask(test::bytes32(1), "g"),
                 asio::bind_cancellation_slot(
                     signal.slot(), [&](const std::exception_ptr&, Standing) { ended = true; }));
  const auto other = ask(1, "g");
  signal.emit(asio::cancellation_type::terminal);
  settle();
  EXPECT_TRUE(ended);
  EXPECT_FALSE(*other);
  answer(says(Standing::member));
  EXPECT_EQ(*other, Standing::member);
}

TEST_F(AclMembersTest, AskAllAsksAtOnceAndOnlyWhatIsNotKnown) {
  learn(1, "a", says(Standing::member));
  bool done = false;
  asio::co_spawn(loop,
                 members->ask_all({{test::bytes32(1), "a"},
                                   {test::bytes32(1), "b"},
                                   {test::bytes32(1), "b"},
                                   {test::bytes32(1), "c"}}),
                 [&](const std::exception_ptr&) { done = true; });
  settle();
  EXPECT_THAT(sidecar.open(), ElementsAre("b", "c"));
  answer(std::unexpected(AclError::timed_out));
  EXPECT_FALSE(done);
  answer(says(Standing::member));
  EXPECT_TRUE(done);
  EXPECT_EQ(known(1, "b"), Standing::unknown);
  EXPECT_EQ(known(1, "c"), Standing::member);
}

TEST_F(AclMembersTest, QuestionsBeyondTheBoundWaitAndBeyondThatAreDenied) {
  make({.max_in_flight = 1, .max_waiting = 1});
  const auto first = ask(1, "a"), second = ask(1, "b"), third = ask(1, "c");
  EXPECT_THAT(sidecar.open(), ElementsAre("a"));
  EXPECT_EQ(*third, Standing::unknown);
  EXPECT_EQ(members->counters().denied_for_overload, 1u);
  answer(says(Standing::member));
  EXPECT_THAT(sidecar.open(), ElementsAre("b"));
  answer(says(Standing::outsider));
  EXPECT_EQ(*first, Standing::member);
  EXPECT_EQ(*second, Standing::outsider);
}

TEST_F(AclMembersTest, WhatIsUsedIsAskedAgainBeforeItEnds) {
  learn(1, "g", says(Standing::member));
  EXPECT_EQ(known(1, "g"), Standing::member);
  pass(44s);
  EXPECT_THAT(sidecar.open(), IsEmpty());
  pass(1s);
  EXPECT_THAT(sidecar.open(), ElementsAre("g"));
  answer(says(Standing::member));
  now += 50s;
  EXPECT_EQ(known(1, "g"), Standing::member);
}

TEST_F(AclMembersTest, WhatIsNotUsedEnds) {
  learn(1, "g", says(Standing::member));
  pass(45s);
  pass(15s);
  EXPECT_THAT(sidecar.open(), IsEmpty());
  EXPECT_EQ(members->size(), 0u);
}

TEST_F(AclMembersTest, TheGroupsOfAConnectedKeyAreAskedAgainWithoutUse) {
  members->join(test::bytes32(1));
  members->join(test::bytes32(1));
  members->leave(test::bytes32(1));
  learn(1, "inside", says(Standing::member));
  learn(1, "outside", says(Standing::outsider));
  pass(45s);
  EXPECT_THAT(sidecar.open(), ElementsAre("inside"));
  answer(says(Standing::member));
  members->leave(test::bytes32(1));
  pass(45s);
  EXPECT_THAT(sidecar.open(), IsEmpty());
}

TEST_F(AclMembersTest, ARefreshThatSaysNoTakesEffectAtOnce) {
  learn(1, "g", says(Standing::member));
  EXPECT_EQ(known(1, "g"), Standing::member);
  pass(45s);
  answer(says(Standing::outsider));
  EXPECT_EQ(known(1, "g"), Standing::outsider);
}

TEST_F(AclMembersTest, AfterFailedRefreshesTheOldAnswerEndsAtItsTtl) {
  learn(1, "g", says(Standing::member));
  EXPECT_EQ(known(1, "g"), Standing::member);
  for (const auto step : {45'000ms, 7'500ms, 3'750ms}) {
    pass(step);
    answer(std::unexpected(AclError::unreachable));
  }
  pass(3'749ms);
  EXPECT_EQ(known(1, "g"), Standing::member);
  pass(1ms);
  EXPECT_EQ(known(1, "g"), Standing::unknown);
  EXPECT_THAT(sidecar.open(), IsEmpty());
  EXPECT_EQ(members->counters().failed, 3u);
}

TEST_F(AclMembersTest, RefreshesLeaveRoomForThoseWhoWait) {
  make({.max_in_flight = 1, .max_waiting = 2});
  for (const auto* group : {"a", "b", "c"}) {
    learn(1, group, says(Standing::member));
    EXPECT_EQ(known(1, group), Standing::member);
  }
  pass(45s);
  EXPECT_FALSE(*ask(1, "d"));
  EXPECT_EQ(members->counters().denied_for_overload, 0u);
  EXPECT_EQ(*ask(1, "e"), Standing::unknown);
  for (int open = 0; open < 3; ++open) answer(says(Standing::member));
  EXPECT_THAT(sidecar.open(), IsEmpty());
}

TEST_F(AclMembersTest, ForgettingTakesEffectAtOnce) {
  for (const std::uint64_t key : {1, 2}) {
    learn(key, "g", says(Standing::member));
    learn(key, "h", says(Standing::member));
  }
  members->forget("g", test::bytes32(1));
  EXPECT_EQ(known(1, "g"), Standing::unknown);
  EXPECT_EQ(known(2, "g"), Standing::member);
  members->forget("g");
  EXPECT_EQ(known(2, "g"), Standing::unknown);
  EXPECT_EQ(known(2, "h"), Standing::member);
  members->forget_all();
  EXPECT_EQ(members->size(), 0u);
}

TEST_F(AclMembersTest, AnAnswerUnderWayWhenForgottenIsAskedAnew) {
  const auto asked = ask(1, "g");
  members->forget("g");
  answer(says(Standing::member));
  EXPECT_FALSE(*asked);
  EXPECT_EQ(known(1, "g"), Standing::unknown);
  EXPECT_THAT(sidecar.open(), ElementsAre("g"));
  answer(says(Standing::outsider));
  EXPECT_EQ(*asked, Standing::outsider);
  EXPECT_EQ(members->counters().asked, 2u);
}

TEST_F(AclMembersTest, ForgettingAnotherPairLeavesARequestAlone) {
  const auto asked = ask(1, "g");
  members->forget("g", test::bytes32(2));
  members->forget("h");
  answer(says(Standing::member));
  EXPECT_EQ(*asked, Standing::member);
}

TEST_F(AclMembersTest, MemoryIsBounded) {
  make({.max_entries = 2});
  for (const auto* group : {"a", "b", "c"}) learn(1, group, says(Standing::member));
  EXPECT_EQ(members->size(), 2u);
  EXPECT_EQ(known(1, "c"), Standing::member);
}

TEST_F(AclMembersTest, TheTimerRunsOnlyWhileThereAreEntries) {
  learn(1, "g", says(Standing::member));
  EXPECT_FALSE(loop.stopped());
  members->forget_all();
  loop.restart();
  loop.run();  // comes back only when nothing is left to wait for
  EXPECT_EQ(members->size(), 0u);
}

TEST_F(AclMembersTest, TheTimerAsksAgainAndEndsWhatIsOver) {
  members = AclMembers::make(loop.get_executor(), sidecar.asker(), {});
  members->join(test::bytes32(1));
  learn(1, "g", says(Standing::member, 200ms));
  loop.restart();
  while (sidecar.open().empty()) ASSERT_EQ(loop.run_one_for(10s), 1u);
  members->leave(test::bytes32(1));
  sidecar.answer(says(Standing::member, 200ms));
  loop.run();  // nobody uses the second answer: its end is the end of the timer
  EXPECT_EQ(members->size(), 0u);
  EXPECT_EQ(members->counters().asked, 2u);
}

TEST_F(AclMembersTest, MayGoAwayWithQuestionsUnderWay) {
  const auto asked = ask(1, "g");
  members.reset();
  answer(says(Standing::member));
  EXPECT_EQ(*asked, Standing::member);
  loop.restart();
  loop.run();
}

}  // namespace
}  // namespace extensions::mls_gateway
