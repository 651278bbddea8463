#include "fake_firestore/values.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace fake_firestore {

namespace {

using Kind = v1::Value::ValueTypeCase;

int rank(const v1::Value& value) {
  switch (value.value_type_case()) {
    case Kind::kBooleanValue:
      return 1;
    case Kind::kIntegerValue:
    case Kind::kDoubleValue:
      return 2;
    case Kind::kTimestampValue:
      return 3;
    case Kind::kStringValue:
      return 4;
    case Kind::kBytesValue:
      return 5;
    case Kind::kReferenceValue:
      return 6;
    case Kind::kGeoPointValue:
      return 7;
    case Kind::kArrayValue:
      return 8;
    case Kind::kMapValue:
      return 9;
    default:
      return 0;
  }
}

/// Wide enough for every integer and every double.
long double number(const v1::Value& value) {
  return value.has_integer_value() ? static_cast<long double>(value.integer_value())
                                   : static_cast<long double>(value.double_value());
}

std::weak_ordering order_of(long double left, long double right) {
  if (left < right) return std::weak_ordering::less;
  return left > right ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

std::weak_ordering compare_numbers(const v1::Value& left, const v1::Value& right) {
  if (is_nan(left) || is_nan(right)) return is_nan(right) <=> is_nan(left);
  return order_of(number(left), number(right));
}

auto time_of(const v1::Value& value) {
  return std::tuple(value.timestamp_value().seconds(), value.timestamp_value().nanos());
}

std::weak_ordering compare_points(const v1::Value& left, const v1::Value& right) {
  const auto& a = left.geo_point_value();
  const auto& b = right.geo_point_value();
  const auto latitude = order_of(a.latitude(), b.latitude());
  return latitude != 0 ? latitude : order_of(a.longitude(), b.longitude());
}

std::weak_ordering compare_arrays(const v1::ArrayValue& left, const v1::ArrayValue& right) {
  return std::lexicographical_compare_three_way(left.values().begin(), left.values().end(),
                                                right.values().begin(), right.values().end(),
                                                compare);
}

using Sorted = std::map<std::string_view, const v1::Value*>;

Sorted sorted(const v1::MapValue& map) {
  Sorted fields;
  for (const auto& [name, value] : map.fields()) fields.emplace(name, &value);
  return fields;
}

std::weak_ordering compare_maps(const v1::MapValue& left, const v1::MapValue& right) {
  const Sorted a = sorted(left);
  const Sorted b = sorted(right);
  const auto by_name_then_value = [](const auto& x, const auto& y) -> std::weak_ordering {
    if (const auto name = x.first <=> y.first; name != 0) return name;
    return compare(*x.second, *y.second);
  };
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                by_name_then_value);
}

}  // namespace

std::weak_ordering compare(const v1::Value& left, const v1::Value& right) {
  if (const auto kind = rank(left) <=> rank(right); kind != 0) return kind;
  switch (rank(left)) {
    case 1:
      return left.boolean_value() <=> right.boolean_value();
    case 2:
      return compare_numbers(left, right);
    case 3:
      return time_of(left) <=> time_of(right);
    case 4:
      return left.string_value() <=> right.string_value();
    case 5:
      return left.bytes_value() <=> right.bytes_value();
    case 6:
      return compare_names(left.reference_value(), right.reference_value());
    case 7:
      return compare_points(left, right);
    case 8:
      return compare_arrays(left.array_value(), right.array_value());
    case 9:
      return compare_maps(left.map_value(), right.map_value());
    default:
      return std::weak_ordering::equivalent;
  }
}

bool same_kind(const v1::Value& left, const v1::Value& right) { return rank(left) == rank(right); }

bool is_number(const v1::Value& value) {
  return value.has_integer_value() || value.has_double_value();
}

bool is_nan(const v1::Value& value) {
  return value.has_double_value() && std::isnan(value.double_value());
}

bool contains(const v1::ArrayValue& array, const v1::Value& value) {
  return std::ranges::any_of(
      array.values(), [&](const v1::Value& element) { return compare(element, value) == 0; });
}

std::weak_ordering compare_names(std::string_view left, std::string_view right) {
  // The separator stands before every other byte: so a segment stands before one that it begins.
  const auto place = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
  const auto by_place = [&](char a, char b) { return place(a) <=> place(b); };
  return std::lexicographical_compare_three_way(left.begin(), left.end(), right.begin(),
                                                right.end(), by_place);
}

}  // namespace fake_firestore
