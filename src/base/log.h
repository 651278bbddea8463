#pragma once
// Logging: spdlog behind one name. A logger is handed to whoever logs; there is no global one.
// Never log content, keys, group ids, tokens or addresses at info or above.
#include <spdlog/logger.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace base {

using Log = std::shared_ptr<spdlog::logger>;
namespace level = spdlog::level;

/// The logger of one of log_components (log_levels.h): its lines bear the target "mls_gateway::<name>", and its level may
/// be set apart; null stays null. Thread-safe.
[[nodiscard]] Log component(const Log& log, std::string_view name);

/// A number, truth or text beside a message. Refers to the text.
struct Field {
  template <std::same_as<bool> T>
  Field(std::string_view key, T is) : name(key), value(is) {}
  template <std::signed_integral T>
  Field(std::string_view key, T number) : name(key), value(std::int64_t{number}) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view key, T number) : name(key), value(std::uint64_t{number}) {}
  Field(std::string_view key, std::string_view text) : name(key), value(text) {}

  std::string_view name;
  std::variant<bool, std::int64_t, std::uint64_t, std::string_view> value;
};

void write_line(spdlog::logger& log, level::level_enum at, std::string_view message,
                std::initializer_list<Field> fields);

/// Logs a message with fields: `log(log_, level::warn, "a commit failed", {{"events", 12}})`. The message is a literal and the
/// same every time, what differs is in the fields. Costs a comparison while the level is off; where making the fields costs
/// more than copying them, ask log->should_log() first.
template <std::size_t size>
void log(const Log& log, level::level_enum at, const char (&message)[size],
         std::initializer_list<Field> fields = {}) {
  if (log->should_log(at)) write_line(*log, at, {message, size - 1}, fields);
}

// For those who format lines: what log() made is marked, so that no text a plain call logs can be taken for fields.
struct LoggedLine {
  std::string_view message;
  std::string_view fields;  ///< each: field_begin, name, field_value, JSON
};
inline constexpr char field_begin = '\x1e', field_value = '\x1f';
[[nodiscard]] LoggedLine line_of(const spdlog::details::log_msg& logged);
/// Calls use(name, json) for each.
template <typename Use>
void for_each_field(std::string_view fields, Use use) {
  while (!fields.empty()) {
    fields.remove_prefix(1);
    const std::string_view field = fields.substr(0, fields.find(field_begin));
    const std::size_t middle = field.find(field_value);
    use(field.substr(0, middle), field.substr(middle + 1));
    fields.remove_prefix(field.size());
  }
}
/// A JSON string, whatever bytes the text holds: what is not UTF-8 becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text);

}  // namespace base
