#include "fake_firestore/query.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake_firestore/filters.h"
#include "unit/fake_firestore/make.h"

namespace fake_firestore {
namespace {

using FieldFilter = v1::StructuredQuery_FieldFilter;
using CompositeFilter = v1::StructuredQuery_CompositeFilter;

Filter field(FieldFilter::Operator op, const v1::Value& value) {
  Filter filter;
  filter.mutable_field_filter()->mutable_field()->set_field_path("x");
  filter.mutable_field_filter()->set_op(op);
  *filter.mutable_field_filter()->mutable_value() = value;
  return filter;
}

Filter all(const std::vector<Filter>& parts, CompositeFilter::Operator op = CompositeFilter::AND) {
  Filter filter;
  filter.mutable_composite_filter()->set_op(op);
  for (const Filter& part : parts) *filter.mutable_composite_filter()->add_filters() = part;
  return filter;
}

Filter any(const std::vector<Filter>& parts) { return all(parts, CompositeFilter::OR); }

v1::Value numbers(int count) {
  v1::Value value = list();
  for (int i = 0; i < count; ++i) *value.mutable_array_value()->add_values() = integer(i);
  return value;
}

TEST(Filters, HaveThirtyDisjunctionsAtMostHoweverTheyAreNested) {
  const Filter six = field(FieldFilter::IN, numbers(6));
  const Filter five = field(FieldFilter::IN, numbers(5));
  EXPECT_TRUE(check_filter(all({six, five})));
  EXPECT_FALSE(check_filter(all({six, six})));
  EXPECT_TRUE(check_filter(any({six, six, six, six, six})));
  EXPECT_FALSE(check_filter(any({six, six, six, six, six, field(FieldFilter::EQUAL, integer(1))})));
  EXPECT_FALSE(check_filter(all({any({six, six}), any({five, five})})));
}

TEST(Filters, HaveOneArrayContainsInADisjunction) {
  const Filter contains = field(FieldFilter::ARRAY_CONTAINS, integer(1));
  EXPECT_TRUE(check_filter(any({contains, contains})));
  EXPECT_FALSE(check_filter(all({contains, contains})));
  EXPECT_FALSE(check_filter(all({contains, field(FieldFilter::ARRAY_CONTAINS_ANY, numbers(2))})));
}

TEST(Filters, HaveOneNegation) {
  const Filter other = field(FieldFilter::NOT_EQUAL, integer(1));
  EXPECT_TRUE(check_filter(other));
  EXPECT_FALSE(check_filter(all({other, field(FieldFilter::NOT_IN, numbers(2))})));
}

/// Queries over c/0 to c/9, where x is the number in the name.
struct Queries : testing::Test {
  Documents documents{};
  v1::StructuredQuery wanted{};

  Queries() {
    for (int i = 0; i < 10; ++i) commit(documents, set(std::to_string(i), integer(i)));
    wanted.add_from()->set_collection_id("c");
  }

  /// The digits that it finds, in order; "!" for a refusal.
  std::string found() {
    const auto query = Query::make(root, wanted);
    if (!query) return "!";
    std::string digits;
    for (const Document& document : query->run(documents, documents.newest()))
      digits += document->name().back();
    return digits;
  }

  void order(const std::string& path, bool descending) {
    auto& by = *wanted.add_order_by();
    by.mutable_field()->set_field_path(path);
    by.set_direction(descending ? v1::StructuredQuery::DESCENDING : v1::StructuredQuery::ASCENDING);
  }
};

TEST_F(Queries, CursorsStandBeforeOrBehindWhatTheyName) {
  order("x", false);
  *wanted.mutable_start_at()->add_values() = integer(3);
  *wanted.mutable_end_at()->add_values() = integer(6);
  EXPECT_EQ(found(), "456");
  wanted.mutable_start_at()->set_before(true);
  EXPECT_EQ(found(), "3456");
  wanted.mutable_end_at()->set_before(true);
  EXPECT_EQ(found(), "345");
}

TEST_F(Queries, CursorsFollowADescendingOrder) {
  order("x", true);
  *wanted.mutable_start_at()->add_values() = integer(3);
  EXPECT_EQ(found(), "210");
  wanted.mutable_limit()->set_value(2);
  wanted.set_offset(1);
  EXPECT_EQ(found(), "10");
}

TEST_F(Queries, ACursorOutsideOfTheRangeIsRefused) {
  *wanted.mutable_where() = all({field(FieldFilter::GREATER_THAN, integer(3)),
                                 field(FieldFilter::LESS_THAN_OR_EQUAL, integer(6))});
  auto& cursor = *wanted.mutable_start_at()->add_values();
  const auto found_from = [&](int x) {
    cursor = integer(x);
    return found();
  };
  EXPECT_EQ(found_from(2), "!");
  EXPECT_EQ(found_from(3), "456");
  EXPECT_EQ(found_from(5), "6");
  EXPECT_EQ(found_from(7), "!");
}

TEST_F(Queries, ARangeIsOrderedByItsFieldBehindWhatWasAskedFor) {
  *wanted.mutable_where() = field(FieldFilter::GREATER_THAN, integer(6));
  EXPECT_EQ(found(), "789");
  order("__name__", true);
  EXPECT_EQ(found(), "987");
}

TEST_F(Queries, WhatFirestoreRefusesIsRefused) {
  order("__name__", true);
  EXPECT_EQ(found(), "!");
  wanted.clear_order_by();
  wanted.set_offset(-1);
  EXPECT_EQ(found(), "!");
  wanted.set_offset(0);
  for (int i = 0; i < 2; ++i) *wanted.mutable_start_at()->add_values() = integer(i);
  EXPECT_EQ(found(), "!");
}

TEST_F(Queries, OnlyTheCollectionItselfUnlessAllDescendantsAreAskedFor) {
  v1::Write below = set("1", integer(0));
  below.mutable_update()->set_name(name_of("1") + "/c/7");
  commit(documents, below);
  EXPECT_EQ(found(), "0123456789");
  wanted.mutable_from(0)->set_all_descendants(true);
  EXPECT_EQ(found(), "01723456789");
}

}  // namespace
}  // namespace fake_firestore
