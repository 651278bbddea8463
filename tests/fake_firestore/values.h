#pragma once
#include <compare>
#include <string_view>

#include "google/firestore/v1/document.pb.h"

// The order of Firestore's values:
// https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering Pure.
namespace fake_firestore {

namespace v1 = google::firestore::v1;

/// Null, booleans, numbers (NaN first, integers among doubles), timestamps, strings, bytes,
/// references, geographical points, arrays, maps. Strings by their UTF-8 bytes.
[[nodiscard]] std::weak_ordering compare(const v1::Value& left, const v1::Value& right);

/// Do they belong to the same kind of those named above? A range only holds values of one kind.
[[nodiscard]] bool same_kind(const v1::Value& left, const v1::Value& right);

[[nodiscard]] bool is_number(const v1::Value& value);
[[nodiscard]] bool is_nan(const v1::Value& value);
[[nodiscard]] bool contains(const v1::ArrayValue& array, const v1::Value& value);

/// Of documents, segment by segment: "a/b" stands before "a/b/c" and both before "a/b!".
[[nodiscard]] std::weak_ordering compare_names(std::string_view left, std::string_view right);

}  // namespace fake_firestore
