#include "fake_firestore/fields.h"

#include <algorithm>
#include <numeric>

namespace fake_firestore {

std::optional<Path> parse_path(std::string_view text) {
  Path path(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      path.back() += text[++i];
    } else if (text[i] == '`') {
      quoted = !quoted;
    } else if (text[i] == '.' && !quoted) {
      path.emplace_back();
    } else {
      path.back() += text[i];
    }
  }
  if (quoted || std::ranges::count(path, "") != 0) return std::nullopt;
  return path;
}

const v1::Value* find(const Fields& fields, std::span<const std::string> path) {
  const auto found = fields.find(path.front());
  if (found == fields.end()) return nullptr;
  if (path.size() == 1) return &found->second;
  if (!found->second.has_map_value()) return nullptr;
  return find(found->second.map_value().fields(), path.subspan(1));
}

void put(Fields& fields, std::span<const std::string> path, const v1::Value& value) {
  v1::Value& place = fields[path.front()];
  if (path.size() == 1) {
    place = value;
  } else {
    put(*place.mutable_map_value()->mutable_fields(), path.subspan(1), value);
  }
}

void erase(Fields& fields, std::span<const std::string> path) {
  if (path.size() == 1) {
    fields.erase(path.front());
    return;
  }
  const auto found = fields.find(path.front());
  if (found == fields.end() || !found->second.has_map_value()) return;
  erase(*found->second.mutable_map_value()->mutable_fields(), path.subspan(1));
}

std::optional<v1::Value> value_at(const v1::Document& document, std::string_view path) {
  if (path == "__name__") {
    v1::Value name;
    name.set_reference_value(document.name());
    return name;
  }
  const auto parsed = parse_path(path);
  const v1::Value* value = parsed ? find(document.fields(), *parsed) : nullptr;
  if (!value) return std::nullopt;
  return *value;
}

v1::Document project(const v1::Document& document, std::span<const std::string> paths) {
  v1::Document shown;
  shown.set_name(document.name());
  *shown.mutable_create_time() = document.create_time();
  *shown.mutable_update_time() = document.update_time();
  for (const std::string& text : paths) {
    const auto path = parse_path(text);
    const v1::Value* value = path ? find(document.fields(), *path) : nullptr;
    if (value) put(*shown.mutable_fields(), *path, *value);
  }
  return shown;
}

namespace {

/// Collections and ids with a byte each behind them, and 16.
std::size_t name_size(std::string_view name) {
  constexpr std::string_view root = "/documents/";
  const auto at = name.find(root);
  return 16 + 1 + (at == name.npos ? name.size() : name.size() - at - root.size());
}

std::size_t size_of(const Fields& fields);

std::size_t size_of(const v1::Value& value) {
  switch (value.value_type_case()) {
    case v1::Value::kIntegerValue:
    case v1::Value::kDoubleValue:
    case v1::Value::kTimestampValue:
      return 8;
    case v1::Value::kStringValue:
      return value.string_value().size() + 1;
    case v1::Value::kBytesValue:
      return value.bytes_value().size();
    case v1::Value::kReferenceValue:
      return name_size(value.reference_value());
    case v1::Value::kGeoPointValue:
      return 16;
    case v1::Value::kMapValue:
      return size_of(value.map_value().fields());
    case v1::Value::kArrayValue: {
      const auto& values = value.array_value().values();
      return std::accumulate(values.begin(), values.end(), std::size_t{},
                             [](std::size_t sum, const auto& next) { return sum + size_of(next); });
    }
    default:
      return 1;
  }
}

std::size_t longest_in(const v1::Value& value) {
  std::size_t longest = std::max(value.string_value().size(), value.bytes_value().size());
  for (const auto& element : value.array_value().values())
    longest = std::max(longest, longest_in(element));
  return std::max(longest, longest_value(value.map_value().fields()));
}

std::size_t size_of(const Fields& fields) {
  std::size_t sum = 0;
  for (const auto& [name, value] : fields) sum += name.size() + 1 + size_of(value);
  return sum;
}

}  // namespace

std::size_t longest_value(const Fields& fields) {
  std::size_t longest = 0;
  for (const auto& [name, value] : fields) longest = std::max(longest, longest_in(value));
  return longest;
}

std::size_t stored_size(const v1::Document& document) {
  return name_size(document.name()) + size_of(document.fields()) + 32;
}

}  // namespace fake_firestore
