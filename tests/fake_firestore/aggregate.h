#pragma once
#include <span>

#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "google/firestore/v1/aggregation_result.pb.h"
#include "google/firestore/v1/query.pb.h"

namespace fake_firestore {

/// count, sum and avg over what the query found. Documents that lack a summed field are not counted
/// either. Pure.
[[nodiscard]] Result<v1::AggregationResult> aggregate(const v1::StructuredAggregationQuery& wanted,
                                                      std::span<const Document> found);

}  // namespace fake_firestore
