#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/firestore/v1/document.pb.h"

// Field paths ("a.b", "`odd.name`.c") and what lies there. Pure.
namespace fake_firestore {

namespace v1 = google::firestore::v1;

using Fields = google::protobuf::Map<std::string, v1::Value>;
using Path = std::vector<std::string>;

/// Nothing for an empty segment or an open quotation.
[[nodiscard]] std::optional<Path> parse_path(std::string_view text);

/// Null: nothing lies there.
[[nodiscard]] const v1::Value* find(const Fields& fields, std::span<const std::string> path);
/// Makes the maps on the way.
void put(Fields& fields, std::span<const std::string> path, const v1::Value& value);
void erase(Fields& fields, std::span<const std::string> path);

/// As a query sees it: `__name__` is the reference of the document itself.
[[nodiscard]] std::optional<v1::Value> value_at(const v1::Document& document,
                                                std::string_view path);

/// The document with these fields alone.
[[nodiscard]] v1::Document project(const v1::Document& document,
                                   std::span<const std::string> paths);

/// Of the longest string or bytes, in bytes.
[[nodiscard]] std::size_t longest_value(const Fields& fields);

/// As Firestore counts it, https://firebase.google.com/docs/firestore/storage-size, in bytes.
[[nodiscard]] std::size_t stored_size(const v1::Document& document);

}  // namespace fake_firestore
