#include "fake_firestore/filters.h"

#include <algorithm>

#include "fake_firestore/fields.h"

namespace fake_firestore {

namespace {

using FieldFilter = v1::StructuredQuery_FieldFilter;
using UnaryFilter = v1::StructuredQuery_UnaryFilter;
using CompositeFilter = v1::StructuredQuery_CompositeFilter;

constexpr std::size_t max_disjunctions = 30;
constexpr int max_not_in_values = 10;

bool is_negation(const Filter& filter) {
  const auto field = filter.field_filter().op();
  const auto unary = filter.unary_filter().op();
  return field == FieldFilter::NOT_EQUAL || field == FieldFilter::NOT_IN ||
         unary == UnaryFilter::IS_NOT_NAN || unary == UnaryFilter::IS_NOT_NULL;
}

/// Of a filter written as ORs of ANDs.
struct Shape {
  std::size_t disjunctions = 1;
  std::size_t array_contains = 0;  // in one disjunction, at most
  std::size_t negations = 0;       // in all
};

Shape shape_of(const Filter& filter);

Shape shape_of(const CompositeFilter& composite) {
  const bool any = composite.op() == CompositeFilter::OR;
  Shape whole{.disjunctions = any ? 0u : 1u};
  for (const Filter& part : composite.filters()) {
    const Shape shape = shape_of(part);
    whole.negations += shape.negations;
    if (any) {
      whole.disjunctions += shape.disjunctions;
      whole.array_contains = std::max(whole.array_contains, shape.array_contains);
    } else {
      whole.disjunctions = std::min(whole.disjunctions * shape.disjunctions, max_disjunctions + 1);
      whole.array_contains += shape.array_contains;
    }
  }
  return whole;
}

Shape shape_of(const Filter& filter) {
  if (filter.has_composite_filter()) return shape_of(filter.composite_filter());
  if (is_negation(filter)) return {.negations = 1};
  const FieldFilter& field = filter.field_filter();
  const auto values = static_cast<std::size_t>(field.value().array_value().values_size());
  switch (field.op()) {
    case FieldFilter::IN:
      return {.disjunctions = values};
    case FieldFilter::ARRAY_CONTAINS_ANY:
      return {.disjunctions = values, .array_contains = 1};
    case FieldFilter::ARRAY_CONTAINS:
      return {.array_contains = 1};
    default:
      return {};
  }
}

bool takes_a_list(FieldFilter::Operator op) {
  return op == FieldFilter::IN || op == FieldFilter::NOT_IN ||
         op == FieldFilter::ARRAY_CONTAINS_ANY;
}

bool is_range(const Filter& filter) {
  switch (filter.field_filter().op()) {
    case FieldFilter::LESS_THAN:
    case FieldFilter::LESS_THAN_OR_EQUAL:
    case FieldFilter::GREATER_THAN:
    case FieldFilter::GREATER_THAN_OR_EQUAL:
      return true;
    default:
      return is_negation(filter);
  }
}

const std::string& path_of(const Filter& filter) {
  return filter.has_unary_filter() ? filter.unary_filter().field().field_path()
                                   : filter.field_filter().field().field_path();
}

Result<void> check_name_operand(const v1::Value& value) {
  const auto& list = value.array_value().values();
  const bool references =
      value.has_array_value()
          ? std::ranges::all_of(list, [](const auto& one) { return one.has_reference_value(); })
          : value.has_reference_value();
  if (!references) return invalid("__name__ is compared with something that is no reference");
  return {};
}

Result<void> check_field(const FieldFilter& filter) {
  const int values = filter.value().array_value().values_size();
  if (filter.op() == FieldFilter::OPERATOR_UNSPECIFIED) return invalid("a filter has no operator");
  if (takes_a_list(filter.op()) && values == 0)
    return invalid("in, not-in and array-contains-any take a list that is not empty");
  if (filter.op() == FieldFilter::NOT_IN && values > max_not_in_values)
    return invalid("not-in takes up to 10 values");
  if (filter.field().field_path() == "__name__") return check_name_operand(filter.value());
  if (!parse_path(filter.field().field_path())) return invalid("a filter has an invalid path");
  return {};
}

Result<void> check_parts(const Filter& filter) {
  if (filter.has_field_filter()) return check_field(filter.field_filter());
  if (filter.has_composite_filter() &&
      filter.composite_filter().op() == CompositeFilter::OPERATOR_UNSPECIFIED)
    return invalid("a composite filter has no operator");
  for (const Filter& part : filter.composite_filter().filters())
    if (auto valid = check_parts(part); !valid) return valid;
  return {};
}

bool holds(const v1::Value& stored, FieldFilter::Operator op, const v1::Value& given) {
  const auto in_given = [&](const v1::Value& value) {
    return contains(given.array_value(), value);
  };
  const auto order = compare(stored, given);
  const bool comparable = same_kind(stored, given) && is_nan(stored) == is_nan(given);
  switch (op) {
    case FieldFilter::EQUAL:
      return order == 0;
    case FieldFilter::NOT_EQUAL:
      return order != 0 && !stored.has_null_value();
    case FieldFilter::LESS_THAN:
      return comparable && order < 0;
    case FieldFilter::LESS_THAN_OR_EQUAL:
      return comparable && order <= 0;
    case FieldFilter::GREATER_THAN:
      return comparable && order > 0;
    case FieldFilter::GREATER_THAN_OR_EQUAL:
      return comparable && order >= 0;
    case FieldFilter::IN:
      return in_given(stored) && !stored.has_null_value();
    case FieldFilter::NOT_IN:
      return !in_given(stored) && !stored.has_null_value();
    case FieldFilter::ARRAY_CONTAINS:
      return contains(stored.array_value(), given);
    case FieldFilter::ARRAY_CONTAINS_ANY:
      return std::ranges::any_of(stored.array_value().values(), in_given);
    default:
      return false;
  }
}

bool holds(const v1::Value& stored, UnaryFilter::Operator op) {
  switch (op) {
    case UnaryFilter::IS_NULL:
      return stored.has_null_value();
    case UnaryFilter::IS_NOT_NULL:
      return !stored.has_null_value();
    case UnaryFilter::IS_NAN:
      return is_nan(stored);
    case UnaryFilter::IS_NOT_NAN:
      return !is_nan(stored) && !stored.has_null_value();
    default:
      return false;
  }
}

bool parts_keep(const CompositeFilter& filter, const v1::Document& document) {
  const auto kept_by = [&](const Filter& part) { return keeps(part, document); };
  return filter.op() == CompositeFilter::OR ? std::ranges::any_of(filter.filters(), kept_by)
                                            : std::ranges::all_of(filter.filters(), kept_by);
}

}  // namespace

Result<void> check_filter(const Filter& filter) {
  if (auto valid = check_parts(filter); !valid) return valid;
  const Shape shape = shape_of(filter);
  if (shape.disjunctions > max_disjunctions)
    return invalid("the query has more than 30 disjunctions");
  if (shape.array_contains > 1)
    return invalid("the query has two array-contains or array-contains-any in one disjunction");
  if (shape.negations > 1)
    return invalid("the query has more than one of !=, not-in, is-not-null and is-not-nan");
  return {};
}

bool keeps(const Filter& filter, const v1::Document& document) {
  if (filter.has_composite_filter()) return parts_keep(filter.composite_filter(), document);
  const auto stored = value_at(document, path_of(filter));
  if (!stored) return false;
  return filter.has_unary_filter()
             ? holds(*stored, filter.unary_filter().op())
             : holds(*stored, filter.field_filter().op(), filter.field_filter().value());
}

std::set<std::string> ranged_fields(const Filter& filter) {
  std::set<std::string> fields;
  for (const Filter& part : filter.composite_filter().filters()) fields.merge(ranged_fields(part));
  if (is_range(filter)) fields.insert(path_of(filter));
  return fields;
}

bool lies_in_ranges(const Filter& filter, const std::string& field, const v1::Value& value) {
  if (filter.composite_filter().op() == CompositeFilter::OR) return true;
  const auto holds_value = [&](const Filter& part) { return lies_in_ranges(part, field, value); };
  if (filter.has_composite_filter())
    return std::ranges::all_of(filter.composite_filter().filters(), holds_value);
  if (is_negation(filter) || !is_range(filter) || path_of(filter) != field) return true;
  const FieldFilter& range = filter.field_filter();
  return holds(value, FieldFilter::EQUAL, range.value()) || holds(value, range.op(), range.value());
}

}  // namespace fake_firestore
