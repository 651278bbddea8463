#include "fake_firestore/writes.h"

#include <gtest/gtest.h>

#include <limits>

#include "fake_firestore/values.h"
#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Of a write against documents where "a" has x = 1; ok for a success.
struct Writes : testing::Test {
  Documents documents{};
  Micros written = commit(documents, set("a", integer(1)));

  Code outcome(const v1::Write& write) {
    const auto result = Pending(documents, documents.tick()).apply(write);
    return result ? Code::ok : result.error().code;
  }

  v1::Value x_of(const std::string& id) {
    return documents.find(name_of(id), documents.newest())->fields().at("x");
  }
};

v1::Write exists(bool wanted, v1::Write write) {
  write.mutable_current_document()->set_exists(wanted);
  return write;
}

v1::Write version(Micros wanted, v1::Write write) {
  *write.mutable_current_document()->mutable_update_time() = timestamp_of(wanted);
  return write;
}

TEST_F(Writes, PreconditionsHoldOrSayWhy) {
  EXPECT_EQ(outcome(exists(true, set("a", integer(2)))), Code::ok);
  EXPECT_EQ(outcome(exists(true, set("b", integer(2)))), Code::not_found);
  EXPECT_EQ(outcome(exists(true, removal("b"))), Code::not_found);
  EXPECT_EQ(outcome(exists(false, set("b", integer(2)))), Code::ok);
  EXPECT_EQ(outcome(exists(false, set("a", integer(2)))), Code::already_exists);
  EXPECT_EQ(outcome(version(written, set("a", integer(2)))), Code::ok);
  EXPECT_EQ(outcome(version(written - 1, set("a", integer(2)))), Code::failed_precondition);
  EXPECT_EQ(outcome(version(written, set("b", integer(2)))), Code::failed_precondition);
  EXPECT_EQ(outcome(removal("b")), Code::ok);
}

TEST_F(Writes, PreconditionsSeeEarlierWritesOfTheSameRequest) {
  Pending pending(documents, documents.tick());
  EXPECT_TRUE(pending.apply(removal("a")));
  EXPECT_FALSE(pending.apply(exists(true, set("a", integer(2)))));
  EXPECT_TRUE(pending.apply(exists(false, set("a", integer(3)))));
  EXPECT_FALSE(pending.apply(version(written, removal("a"))));
}

TEST_F(Writes, OneThatChangesNothingLeavesTheVersion) {
  Pending pending(documents, documents.tick());
  const auto result = pending.apply(set("a", integer(1)));
  EXPECT_EQ(micros_of(result->update_time()), written);
  EXPECT_TRUE(std::move(pending).take().empty());
}

TEST_F(Writes, ADeletionHasNoUpdateTime) {
  EXPECT_FALSE(Pending(documents, documents.tick()).apply(removal("a"))->has_update_time());
}

TEST_F(Writes, AMaskSetsWhatItNamesAndRemovesWhatIsNotGiven) {
  v1::Write write = set("a", integer(5));
  (*write.mutable_update()->mutable_fields())["ignored"] = integer(1);
  (*write.mutable_update()->mutable_fields())["m"] = map("k", integer(7));
  write.mutable_update_mask()->add_field_paths("m.k");
  write.mutable_update_mask()->add_field_paths("x.none");
  commit(documents, write);
  const auto after = documents.find(name_of("a"), documents.newest());
  EXPECT_EQ(after->fields().size(), 2u);
  EXPECT_EQ(after->fields().at("x").integer_value(), 1);
  EXPECT_EQ(after->fields().at("m").map_value().fields().at("k").integer_value(), 7);
}

TEST_F(Writes, IncrementsStayAtTheLargestInteger) {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  v1::Write write = set("a", integer(largest - 1));
  for (const int by : {1, 5}) {
    auto& transform = *write.add_update_transforms();
    transform.set_field_path("x");
    *transform.mutable_increment() = integer(by);
  }
  commit(documents, write);
  EXPECT_EQ(x_of("a").integer_value(), largest);
}

TEST_F(Writes, OfEqualNumbersTheStoredOneStaysAndNaNWins) {
  v1::Write write = set("a", integer(3));
  auto& equal = *write.add_update_transforms();
  equal.set_field_path("x");
  *equal.mutable_maximum() = real(3.0);
  commit(documents, write);
  EXPECT_TRUE(x_of("a").has_integer_value());
  auto& not_a_number = *write.add_update_transforms();
  not_a_number.set_field_path("x");
  *not_a_number.mutable_minimum() = real(nan);
  commit(documents, write);
  EXPECT_TRUE(is_nan(x_of("a")));
}

TEST_F(Writes, ResultsOfTransformsComeInTheirOrder) {
  v1::Write write = set("b", list(integer(1)));
  auto& append = *write.add_update_transforms();
  append.set_field_path("x");
  *append.mutable_append_missing_elements()->add_values() = integer(2);
  auto& count = *write.add_update_transforms();
  count.set_field_path("n");
  *count.mutable_increment() = integer(4);
  const auto result = Pending(documents, documents.tick()).apply(write);
  ASSERT_EQ(result->transform_results_size(), 2);
  EXPECT_TRUE(result->transform_results(0).has_null_value());
  EXPECT_EQ(result->transform_results(1).integer_value(), 4);
}

TEST_F(Writes, WhatIsTooLargeIsRefused) {
  EXPECT_EQ(outcome(set("b", text(std::string(1'048'400, 'a')))), Code::ok);
  EXPECT_EQ(outcome(set("b", text(std::string(1'048'488, 'a')))), Code::invalid_argument);
  const auto half = text(std::string(600'000, 'a'));
  EXPECT_EQ(outcome(set("b", list(half, half))), Code::invalid_argument);
}

}  // namespace
}  // namespace fake_firestore
