#include "fake_firestore/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake_firestore/fields.h"
#include "fake_firestore/values.h"

namespace fake_firestore {

namespace {

using Aggregation = v1::StructuredAggregationQuery_Aggregation;

constexpr int max_aggregations = 5;

/// "" of a count.
const std::string& field_of(const Aggregation& aggregation) {
  return aggregation.has_sum() ? aggregation.sum().field().field_path()
                               : aggregation.avg().field().field_path();
}

v1::Value count(const Aggregation& wanted, std::span<const Document> found) {
  auto number = static_cast<std::int64_t>(found.size());
  if (wanted.count().has_up_to()) number = std::min(number, wanted.count().up_to().value());
  v1::Value value;
  value.set_integer_value(number);
  return value;
}

struct Sum {
  std::int64_t numbers = 0;
  std::int64_t integer = 0;
  double real = 0;
  bool whole = true;  // integers alone, without overflow
};

void add(Sum& sum, const v1::Value& number) {
  ++sum.numbers;
  if (number.has_double_value()) {
    sum.real += number.double_value();
    sum.whole = false;
    return;
  }
  sum.real += static_cast<double>(number.integer_value());
  if (__builtin_add_overflow(sum.integer, number.integer_value(), &sum.integer)) sum.whole = false;
}

Sum sum_of(const std::string& field, std::span<const Document> found) {
  Sum sum;
  for (const Document& document : found)
    if (const auto value = value_at(*document, field); value && is_number(*value)) add(sum, *value);
  return sum;
}

v1::Value sum(const Sum& sum) {
  v1::Value value;
  if (sum.whole) {
    value.set_integer_value(sum.integer);
  } else {
    value.set_double_value(sum.real);
  }
  return value;
}

v1::Value average(const Sum& sum) {
  v1::Value value;
  if (sum.numbers == 0) {
    value.set_null_value(google::protobuf::NULL_VALUE);
  } else {
    value.set_double_value(sum.real / static_cast<double>(sum.numbers));
  }
  return value;
}

v1::Value value_of(const Aggregation& wanted, std::span<const Document> found) {
  if (wanted.has_count()) return count(wanted, found);
  const Sum numbers = sum_of(field_of(wanted), found);
  return wanted.has_sum() ? sum(numbers) : average(numbers);
}

}  // namespace

Result<v1::AggregationResult> aggregate(const v1::StructuredAggregationQuery& wanted,
                                        std::span<const Document> found) {
  if (wanted.aggregations().empty() || wanted.aggregations_size() > max_aggregations)
    return invalid("a query has 1 to 5 aggregations");
  std::vector<Document> whole(found.begin(), found.end());
  for (const Aggregation& aggregation : wanted.aggregations())
    if (const std::string& field = field_of(aggregation); !field.empty())
      std::erase_if(whole, [&](const Document& one) { return !value_at(*one, field); });
  v1::AggregationResult result;
  int unnamed = 0;
  for (const Aggregation& aggregation : wanted.aggregations()) {
    const std::string alias =
        aggregation.alias().empty() ? fmt::format("field_{}", ++unnamed) : aggregation.alias();
    (*result.mutable_aggregate_fields())[alias] = value_of(aggregation, whole);
  }
  return result;
}

}  // namespace fake_firestore
