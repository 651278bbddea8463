// The groups of whoever is connected: nobody is crowded out by invitations into more groups than are loaded.
#include "extensions/mls_gateway/memberships.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "extensions/mls_gateway/rows.h"
#include "store/memory/memory_store.h"
#include "support/await.h"

namespace {

namespace gateway = extensions::mls_gateway;

struct Rows final : store::Operation {
  std::vector<store::RowChange> changes;
  void reads(store::Reads&) const override {}
  std::expected<Effects, store::Refusal> run(const store::RowView&,
                                             base::UnixSeconds) const override {
    return Effects{.changes = changes};
  }
};

class MembershipsTest : public testing::Test {
 protected:
  static constexpr std::size_t crowd = 10'050;

  static std::string group(std::size_t i) { return fmt::format("g{:05}", i); }

  void SetUp() override {
    victim.bytes.fill(7);
    viewer = std::make_shared<nostr::Viewer>(nostr::Viewer{{victim}});
    Rows rows;
    for (std::size_t i = 0; i < crowd; ++i)
      rows.changes.push_back(
          {gateway::membership_key(victim, group(i)), gateway::encode(gateway::Role::member)});
    change(rows);
    ASSERT_TRUE(test::await(memberships.join(victim)));
  }

  void change(const Rows& rows) {
    const auto performed = test::await(store.perform(rows, 0, store::NoStager()));
    ASSERT_TRUE(performed);
    memberships.apply(*performed->batch);
  }

  void look_up(const std::string& id) {
    const auto look = [](gateway::Memberships& known, nostr::ViewerPtr whose,
                         std::vector<std::string> met) -> boost::asio::awaitable<bool> {
      co_await known.look_up(std::move(whose), std::move(met));
      co_return true;
    };
    ASSERT_TRUE(test::await(look(memberships, viewer, std::vector<std::string>{id})));
  }

  void add(const std::string& id) {
    Rows rows;
    rows.changes.push_back(
        {gateway::membership_key(victim, id), gateway::encode(gateway::Role::member)});
    change(rows);
  }

  void remove(const std::string& id) {
    Rows rows;
    rows.changes.push_back({gateway::membership_key(victim, id), std::nullopt});
    change(rows);
  }

  nostr::PublicKey victim;
  nostr::ViewerPtr viewer;
  store::MemoryStore store;
  gateway::Memberships memberships{store};
};

TEST_F(MembershipsTest, AGroupBeyondThoseLoadedIsFoundWhenItIsMet) {
  const std::string last = group(crowd - 1);
  EXPECT_TRUE(memberships.is_member(*viewer, group(0)));
  EXPECT_FALSE(memberships.is_member(*viewer, last));
  EXPECT_TRUE(memberships.undecided(*viewer, last));
  look_up(last);
  EXPECT_TRUE(memberships.is_member(*viewer, last));
  EXPECT_FALSE(memberships.undecided(*viewer, last));
}

TEST_F(MembershipsTest, ALookFindsNothingInAGroupOfOthers) {
  look_up("elsewhere");
  EXPECT_FALSE(memberships.is_member(*viewer, "elsewhere"));
}

TEST_F(MembershipsTest, AGroupOfOthersIsDecidedOnceItWasLookedUp) {
  EXPECT_TRUE(memberships.undecided(*viewer, "elsewhere"));
  look_up("elsewhere");
  EXPECT_FALSE(memberships.undecided(*viewer, "elsewhere"));
}

TEST_F(MembershipsTest, WhoIsLetInAfterALookIsAMember) {
  look_up("elsewhere");
  add("elsewhere");
  EXPECT_TRUE(memberships.is_member(*viewer, "elsewhere"));
  remove("elsewhere");
  EXPECT_FALSE(memberships.is_member(*viewer, "elsewhere"));
  EXPECT_TRUE(memberships.undecided(*viewer, "elsewhere")) << "what was found before is no answer";
}

TEST_F(MembershipsTest, OfVeryManyLooksTheLastAreRemembered) {
  look_up("first");
  const auto others = [](std::size_t i) { return fmt::format("other{}", i); };
  for (std::size_t i = 0; i < 20'000; ++i) look_up(others(i));
  EXPECT_TRUE(memberships.undecided(*viewer, "first")) << "memory is bounded";
  for (std::size_t i = 10'000; i < 20'000; ++i)
    ASSERT_FALSE(memberships.undecided(*viewer, others(i))) << i;
}

TEST_F(MembershipsTest, ARemovalCountsForWhatWasLookedUpToo) {
  const std::string last = group(crowd - 1);
  look_up(last);
  remove(last);
  EXPECT_FALSE(memberships.is_member(*viewer, last));
  look_up(last);
  EXPECT_FALSE(memberships.is_member(*viewer, last));
}

TEST_F(MembershipsTest, WhoIsInFewGroupsIsNeverUndecided) {
  nostr::PublicKey other;
  other.bytes.fill(9);
  ASSERT_TRUE(test::await(memberships.join(other)));
  EXPECT_FALSE(memberships.undecided(nostr::Viewer{{other}}, group(0)));
}

}  // namespace
