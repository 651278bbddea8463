#include "fake_firestore/transforms.h"

#include <algorithm>
#include <limits>

#include "fake_firestore/values.h"

namespace fake_firestore {

namespace {

using Wanted = v1::DocumentTransform_FieldTransform;

double as_double(const v1::Value& number) {
  return number.has_integer_value() ? static_cast<double>(number.integer_value())
                                    : number.double_value();
}

/// An overflow stays at the largest integer of its sign.
std::int64_t saturated_sum(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(left, right, &sum)) return sum;
  using Limits = std::numeric_limits<std::int64_t>;
  return right > 0 ? Limits::max() : Limits::min();
}

v1::Value sum(const v1::Value& left, const v1::Value& right) {
  v1::Value result;
  if (left.has_integer_value() && right.has_integer_value()) {
    result.set_integer_value(saturated_sum(left.integer_value(), right.integer_value()));
  } else {
    result.set_double_value(as_double(left) + as_double(right));
  }
  return result;
}

/// A stored value that is no number gives way; of equal ones the stored one stays; NaN wins.
v1::Value greatest(const v1::Value* stored, const v1::Value& given) {
  if (!stored || !is_number(*stored) || is_nan(given)) return given;
  return !is_nan(*stored) && compare(*stored, given) < 0 ? given : *stored;
}

v1::Value least(const v1::Value* stored, const v1::Value& given) {
  if (!stored || !is_number(*stored) || is_nan(given)) return given;
  return !is_nan(*stored) && compare(*stored, given) > 0 ? given : *stored;
}

v1::Value with(const v1::Value* stored, const v1::ArrayValue& elements) {
  v1::Value result;
  if (stored && stored->has_array_value()) result = *stored;
  v1::ArrayValue& array = *result.mutable_array_value();
  for (const v1::Value& element : elements.values())
    if (!contains(array, element)) *array.add_values() = element;
  return result;
}

v1::Value without(const v1::Value* stored, const v1::ArrayValue& elements) {
  v1::Value result;
  v1::ArrayValue& array = *result.mutable_array_value();
  if (!stored || !stored->has_array_value()) return result;
  for (const v1::Value& element : stored->array_value().values())
    if (!contains(elements, element)) *array.add_values() = element;
  return result;
}

v1::Value request_time(Micros now) {
  v1::Value time;
  *time.mutable_timestamp_value() = timestamp_of(now / 1000 * 1000);
  return time;
}

Result<v1::Value> result_of(const Wanted& wanted, Micros now, const v1::Value* stored) {
  switch (wanted.transform_type_case()) {
    case Wanted::kSetToServerValue:
      return request_time(now);
    case Wanted::kIncrement:
      if (!is_number(wanted.increment())) return invalid("an increment is no number");
      return stored && is_number(*stored) ? sum(*stored, wanted.increment()) : wanted.increment();
    case Wanted::kMaximum:
      if (!is_number(wanted.maximum())) return invalid("a maximum is no number");
      return greatest(stored, wanted.maximum());
    case Wanted::kMinimum:
      if (!is_number(wanted.minimum())) return invalid("a minimum is no number");
      return least(stored, wanted.minimum());
    case Wanted::kAppendMissingElements:
      return with(stored, wanted.append_missing_elements());
    case Wanted::kRemoveAllFromArray:
      return without(stored, wanted.remove_all_from_array());
    default:
      return invalid("a field transform without a type");
  }
}

}  // namespace

Result<v1::Value> transform(const Wanted& wanted, Micros now, Fields& fields) {
  const auto path = parse_path(wanted.field_path());
  if (!path) return invalid("a field transform with an invalid path");
  auto result = result_of(wanted, now, find(fields, *path));
  if (!result) return result;
  put(fields, *path, *result);
  if (!result->has_array_value()) return result;
  v1::Value none;
  none.set_null_value(google::protobuf::NULL_VALUE);
  return none;
}

}  // namespace fake_firestore
