#pragma once
#include <set>
#include <string>

#include "fake_firestore/failure.h"
#include "fake_firestore/values.h"
#include "google/firestore/v1/query.pb.h"

// What a query keeps. Pure.
namespace fake_firestore {

using Filter = v1::StructuredQuery_Filter;

/// Refuses what Firestore refuses: more than 30 disjunctions, two array-contains(-any) in one of
/// them, more than one negation or more than 10 values of not-in.
/// https://firebase.google.com/docs/firestore/query-data/queries#query_limitations
[[nodiscard]] Result<void> check_filter(const Filter& filter);

/// A document without the field is kept by no filter on it.
[[nodiscard]] bool keeps(const Filter& filter, const v1::Document& document);

/// The fields that are compared by more than equality: what a query without an order is ordered by.
[[nodiscard]] std::set<std::string> ranged_fields(const Filter& filter);

/// May `value` of the field lie in the ranges that all have to be kept? Their bounds do, even those
/// that are excluded.
[[nodiscard]] bool lies_in_ranges(const Filter& filter, const std::string& field,
                                  const v1::Value& value);

}  // namespace fake_firestore
