#pragma once
// How this layer reads JSON: simdjson on-demand, with errors as values. Private to src/nostr.
//
// On-demand rules that the callers keep: each value is read once and in order; text read from a
// document lives in the parser's buffer until the next document; never range-for over a temporary.
#include <simdjson.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nostr::json {

namespace ondemand = simdjson::ondemand;

/// Why something could not be read.
struct Fault {
  enum class Kind {
    syntax,       ///< not JSON
    shape,        ///< JSON, but not what was asked for
    unsupported,  ///< understood, and not offered
  };
  Kind kind;
  std::string reason;  ///< without prefix
};

template <typename T>
using Result = std::expected<T, Fault>;

/// A shape fault.
[[nodiscard]] std::unexpected<Fault> bad_shape(std::string reason);
/// What simdjson found wrong: bad_shape(`wanted`) for a value of another type, else a syntax fault.
[[nodiscard]] std::unexpected<Fault> fault_of(simdjson::error_code error, std::string_view wanted);

/// Unescaped UTF-8 without lone surrogates (simdjson refuses them), possibly with NULs.
[[nodiscard]] Result<std::string_view> read_string(ondemand::value value, std::string_view wanted);
/// A plain integer (no fraction, no exponent); those beyond 64 bits are clamped.
[[nodiscard]] Result<std::int64_t> read_integer(ondemand::value value, std::string_view wanted);

/// The longest prefix of valid UTF-8 `text` that has at most `max_bytes` and cuts no character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

/// The items of an array one at a time, for arrays whose items differ in type.
class Items {
 public:
  explicit Items(ondemand::array array) : array_(array), next_(array_.begin()) {}
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  /// nullopt at the end.
  [[nodiscard]] Result<std::optional<ondemand::value>> next();

 private:
  ondemand::array array_;
  simdjson::simdjson_result<ondemand::array_iterator> next_;
  bool started_ = false;
};

/// Calls `visit(ondemand::value) -> Result<void>` for each item until one fails.
template <typename Visit>
[[nodiscard]] Result<void> for_each_item(ondemand::value value, std::string_view wanted,
                                         Visit&& visit) {
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return fault_of(error, wanted);
  for (auto item : array) {
    ondemand::value one;
    if (const auto error = item.get(one)) return fault_of(error, wanted);
    if (auto visited = visit(one); !visited) return visited;
  }
  return {};
}

/// Calls `visit(std::string_view key, ondemand::value) -> Result<void>` for each field until one
/// fails.
template <typename Visit>
[[nodiscard]] Result<void> for_each_field(ondemand::object& object, Visit&& visit) {
  constexpr std::string_view wanted = "object keys must be strings";
  for (auto item : object) {
    ondemand::field field;
    std::string_view key;
    if (const auto error = std::move(item).get(field)) return fault_of(error, wanted);
    if (const auto error = field.unescaped_key().get(key)) return fault_of(error, wanted);
    if (auto visited = visit(key, field.value()); !visited) return visited;
  }
  return {};
}

}  // namespace nostr::json
