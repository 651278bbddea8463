#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// The bytes that a path segment or a query value means (RFC 3986 §2.1); '+' stands for itself. nullopt for a '%' without
/// two hex digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// The decoded value of the first `name=…` of a query; nullopt when there is none, or it cannot be decoded.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace base
