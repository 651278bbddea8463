#include "app/log_lines.h"

#include <fmt/chrono.h>

#include <chrono>
#include <iterator>
#include <string>

#include "base/log.h"

namespace app {
namespace {

using spdlog::details::log_msg;

std::string_view level_name(const log_msg& logged) {
  switch (logged.level) {
    case spdlog::level::trace:
      return "TRACE";
    case spdlog::level::debug:
      return "DEBUG";
    case spdlog::level::info:
      return "INFO";
    case spdlog::level::warn:
      return "WARN";
    default:
      return "ERROR";
  }
}

std::string_view target_of(const log_msg& logged) {
  return {logged.logger_name.data(), logged.logger_name.size()};
}

/// "2025-01-19T04:30:00.123"
void append_time(std::string& line, const log_msg& logged) {
  using namespace std::chrono;
  fmt::format_to(std::back_inserter(line), "{:%FT%T}",
                 fmt::gmtime(time_point_cast<seconds>(floor<seconds>(logged.time))));
  const auto ms = duration_cast<milliseconds>(logged.time - floor<seconds>(logged.time)).count();
  fmt::format_to(std::back_inserter(line), ".{:03}", ms);
}

class JsonLines final : public spdlog::formatter {
 public:
  void format(const log_msg& logged, spdlog::memory_buf_t& out) override {
    const auto said = base::line_of(logged);
    std::string line = R"({"timestamp":")";
    append_time(line, logged);
    fmt::format_to(std::back_inserter(line), R"(Z","level":"{}","target":"{}","message":)",
                   level_name(logged), target_of(logged));
    base::append_quoted(line, said.message);
    line += R"(,"fields":{)";
    base::for_each_field(said.fields, [&](std::string_view name, std::string_view json) {
      if (line.back() != '{') line += ',';
      fmt::format_to(std::back_inserter(line), "\"{}\":{}", name, json);
    });
    line += "}}\n";
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<formatter> clone() const override { return json_lines(); }
};

class TextLines final : public spdlog::formatter {
 public:
  void format(const log_msg& logged, spdlog::memory_buf_t& out) override {
    const auto said = base::line_of(logged);
    std::string line;
    append_time(line, logged);
    line[10] = ' ';
    line += "Z ";
    logged.color_range_start = line.size();
    fmt::format_to(std::back_inserter(line), "{:<5}", level_name(logged));
    logged.color_range_end = line.size();
    const auto target = target_of(logged);
    const auto component =
        target.find("::") == target.npos ? "" : target.substr(target.find("::") + 2);
    fmt::format_to(std::back_inserter(line), " {:<12} {}", component, printable(said.message));
    base::for_each_field(said.fields, [&](std::string_view name, std::string_view json) {
      fmt::format_to(std::back_inserter(line), "  {}={}", name, json);
    });
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<formatter> clone() const override { return text_lines(); }

 private:
  static std::string printable(std::string_view message) {
    std::string text;
    for (const char c : message) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<unsigned>(c));
      else
        text += c;
    }
    return text;
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> json_lines() { return std::make_unique<JsonLines>(); }
std::unique_ptr<spdlog::formatter> text_lines() { return std::make_unique<TextLines>(); }

}  // namespace app
