#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace base {
namespace {

constexpr const char* marked = "fields";  // compared as a pointer

void append_json(std::string& out, bool is) { out += is ? "true" : "false"; }
void append_json(std::string& out, std::string_view text) { append_quoted(out, text); }
template <std::integral T>
void append_json(std::string& out, T number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

/// Bytes of the UTF-8 character at the front; 0 if there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = follows(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && follows(2) ? 3 : 0;
  }
  if (lead < 0xF0 || lead > 0xF4) return 0;
  const bool second = follows(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
  return second && follows(2) && follows(3) ? 4 : 0;
}

}  // namespace

Log component(const Log& log, std::string_view name) {
  return !log ? nullptr : log->clone(fmt::format("mls_gateway::{}", name));
}

void write_line(spdlog::logger& log, level::level_enum at, std::string_view message,
                std::initializer_list<Field> fields) {
  std::string line(message);
  for (const Field& field : fields) {
    ((line += field_begin) += field.name) += field_value;
    std::visit([&](auto value) { append_json(line, value); }, field.value);
  }
  log.log(spdlog::source_loc{marked, 1, ""}, at, spdlog::string_view_t(line.data(), line.size()));
}

LoggedLine line_of(const spdlog::details::log_msg& logged) {
  const std::string_view all(logged.payload.data(), logged.payload.size());
  const std::size_t end =
      logged.source.filename == marked ? std::min(all.find(field_begin), all.size()) : all.size();
  return {all.substr(0, end), all.substr(end)};
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const char c = text.front();
    if (size == 0)
      out += "\\ufffd";
    else if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

}  // namespace base
