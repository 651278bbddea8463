#include "contract/contract.h"

namespace test {
namespace {

using store::Operation;
using store::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

struct TestOperation final : Operation {
  store::Reads declared{};
  std::function<std::expected<Effects, store::Refusal>(const store::RowView&, base::UnixSeconds)>
      on_run;

  void reads(store::Reads& reads) const override { reads = declared; }
  std::expected<Effects, store::Refusal> run(const store::RowView& rows,
                                             base::UnixSeconds now) const override {
    return on_run(rows, now);
  }
};

TestOperation picking(std::vector<Operation::Pick> picks) {
  TestOperation operation;
  operation.on_run = [picks = std::move(picks)](const auto&, auto) {
    return Operation::Effects{.picks = picks};
  };
  return operation;
}

Operation::Pick take(std::uint64_t id) { return {.id = bytes32(id), .take = true}; }
Operation::Pick show(std::uint64_t id) { return {.id = bytes32(id), .take = false}; }

class Performing : public Contract {
 protected:
  store::Store::Performed perform(const Operation& operation, base::UnixSeconds now = 0,
                                  const store::Stager& stager = store::NoStager()) {
    return must(await(store().perform(operation, now, stager)));
  }
  Ids picked(const Operation& operation, base::UnixSeconds now = 0) {
    return ids_of(perform(operation, now).outcome.value());
  }
};
FOR_EVERY_STORE(Performing);

TEST_P(Performing, TakesAnEventExactlyOnce) {
  add({EventBuilder(1), EventBuilder(2)});
  const auto first = perform(picking({take(1)}));
  EXPECT_THAT(ids_of(first.outcome.value()), ElementsAre(1));
  EXPECT_EQ(first.batch->last, 3u);
  EXPECT_THAT(first.batch->events, IsEmpty());
  EXPECT_THAT(everything(), ElementsAre(2));

  const auto second = perform(picking({take(1)}));
  EXPECT_THAT(second.outcome.value(), IsEmpty());
  EXPECT_EQ(second.batch->last, 3u) << "nothing changed";
}

TEST_P(Performing, ManyAtOnceEachSeeWhatThoseBeforeDid) {
  add({EventBuilder(1), EventBuilder(2)});
  TestOperation refused;
  refused.on_run = [](const auto&, auto) -> std::expected<Operation::Effects, store::Refusal> {
    return std::unexpected(store::Refusal{"restricted: no"});
  };
  const TestOperation first = picking({take(1)}), late = picking({take(1), take(2)});
  const Operation* const all[] = {&first, &refused, &late};
  const auto performed = must(await(store().perform_all(all, 0, store::NoStager())));
  ASSERT_EQ(performed.outcomes.size(), 3u);
  EXPECT_THAT(ids_of(performed.outcomes[0].value()), ElementsAre(1));
  EXPECT_EQ(performed.outcomes[1].error().reason, "restricted: no");
  EXPECT_THAT(ids_of(performed.outcomes[2].value()), ElementsAre(2));
  EXPECT_EQ(performed.batch->last, 3u) << "one commit";
}

TEST_P(Performing, ShowLeavesTheEvent) {
  const auto event = EventBuilder(1).tag({"x", "y"}).content("as it is").build();
  append({write_of(event, 500)});
  const auto performed = perform(picking({show(1)}), 499);
  ASSERT_EQ(performed.outcome.value().size(), 1u);
  const auto& stored = performed.outcome->front();
  EXPECT_EQ(stored.event->json, event->json);
  EXPECT_EQ(stored.seq, 1u);
  EXPECT_EQ(stored.expires_at, 500);
  EXPECT_EQ(performed.batch->last, 1u);
  EXPECT_THAT(everything(), ElementsAre(1));
}

TEST_P(Performing, PicksComeInOrderAndMissingOnesAreLeftOut) {
  add({EventBuilder(1), EventBuilder(2), EventBuilder(3)});
  EXPECT_THAT(picked(picking({take(3), show(9), show(1), take(3), take(2), show(2)})),
              ElementsAre(3, 1, 2));
  EXPECT_THAT(everything(), ElementsAre(1));
}

TEST_P(Performing, WhatExpiredIsNotHere) {
  append({write_of(EventBuilder(1), 100), write_of(EventBuilder(2), 101)});
  EXPECT_THAT(picked(picking({show(1), take(2)}), 100), ElementsAre(2));
}

TEST_P(Performing, TakenEventTakesItsRowsAlongAndSeesTheChanges) {
  set_rows({{"x/1", "one"}});
  add(EventBuilder(1));
  TestStager stager;
  stager.on_erase_reads = [](const auto&, auto& reads) { reads.keys = {"x/count"}; };
  stager.on_stage_erase = [](const auto&, const store::RowView& rows) {
    EXPECT_EQ(rows.get("x/count"), "7");
    return std::vector<store::RowChange>{{"x/1", std::nullopt}};
  };
  auto operation = picking({take(1)});
  operation.on_run = [](const auto&, auto) {
    return Operation::Effects{.changes = {{"x/count", "7", 50}}, .picks = {take(1)}};
  };
  const auto performed = perform(operation, 0, stager);
  ASSERT_EQ(performed.batch->changes.size(), 2u);
  EXPECT_EQ(performed.batch->changes[0].key, "x/count");
  EXPECT_EQ(performed.batch->changes[1].key, "x/1");
  EXPECT_EQ(performed.batch->last, 3u);
  EXPECT_EQ(row("x/1"), std::nullopt);
  EXPECT_EQ(row("x/count"), "7");
  EXPECT_EQ(purge(50).removed, 1u) << "rows of operations expire too";
}

TEST_P(Performing, RefusedChangesNothing) {
  add(EventBuilder(1));
  TestOperation operation;
  operation.on_run = [](const auto&, auto) -> std::expected<Operation::Effects, store::Refusal> {
    return std::unexpected(store::Refusal{"restricted: no"});
  };
  const auto performed = perform(operation);
  ASSERT_FALSE(performed.outcome);
  EXPECT_EQ(performed.outcome.error().reason, "restricted: no");
  EXPECT_THAT(performed.batch->changes, IsEmpty());
  EXPECT_EQ(performed.batch->last, 1u);
  EXPECT_THAT(everything(), ElementsAre(1));
}

TEST_P(Performing, SeesTheTimeAndTheDeclaredRowsAndWhatTheOneBeforeDid) {
  TestOperation operation;
  operation.declared = {.keys = {"x/count"}, .prefixes = {"y/"}};
  std::size_t below = 0;  // as the last run saw it: a commit may run an operation again
  operation.on_run = [&below](const store::RowView& rows, base::UnixSeconds now) {
    EXPECT_EQ(now, 77);
    EXPECT_EQ(rows.get("x/hidden"), std::nullopt);
    const auto text = rows.get("x/count");
    const int count = text ? std::stoi(std::string(*text)) : 0;
    below = rows.scan("y/").size();
    return Operation::Effects{
        .changes = {{"x/count", std::to_string(count + 1)}, {fmt::format("y/{}", count), ""}}};
  };
  set_rows({{"x/hidden", "1"}});
  EXPECT_EQ(perform(operation, 77).batch->last, 2u);
  EXPECT_EQ(below, 0u);
  EXPECT_EQ(perform(operation, 77).batch->last, 3u);
  EXPECT_EQ(below, 1u);
  EXPECT_EQ(row("x/count"), "2");
  EXPECT_EQ(append({write_of(EventBuilder(1))}).batch->events[0].seq, 4u);
}

TEST_P(Performing, TakenEventMayComeBackAndItsAddressIsFree) {
  add(EventBuilder(1).kind(0).at(50));
  EXPECT_THAT(picked(picking({take(1)})), ElementsAre(1));
  EXPECT_EQ(add(EventBuilder(2).kind(0).at(40)), Outcome::accepted);
}

}  // namespace
}  // namespace test
