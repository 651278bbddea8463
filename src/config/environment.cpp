#include "config/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/log_levels.h"
#include "base/text.h"

namespace config {

namespace {

using base::trimmed;
using Problem = std::optional<std::string>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto comma = text.find(',');
    if (const auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.emplace_back(part);
    if (comma == text.npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

Problem assign(bool& out, std::string_view text) {
  const std::string word = lower(trimmed(text));
  const auto is = [&word](std::string_view name) { return word == name; };
  constexpr std::array<std::string_view, 4> yes{"true", "1", "yes", "on"};
  constexpr std::array<std::string_view, 4> no{"false", "0", "no", "off"};
  out = std::ranges::any_of(yes, is);
  if (out || std::ranges::any_of(no, is)) return std::nullopt;
  return "must be true or false";
}

Problem assign(std::int64_t& out, std::string_view text) {
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc{} && end == text.data() + text.size()) return std::nullopt;
  return "must be a whole number";
}

Problem assign(std::string& out, std::string_view text) {
  out = text;
  return std::nullopt;
}

/// A list of nothing but commas is an accident, and an empty whitelist would admit everybody.
Problem assign(std::vector<std::string>& out, std::string_view text) {
  out = split(text);
  if (!out.empty()) return std::nullopt;
  return "names no entry; separate entries by commas";
}

Problem assign(std::vector<std::int64_t>& out, std::string_view text) {
  out.clear();
  for (const std::string& part : split(text)) {
    if (Problem problem = assign(out.emplace_back(), part))
      return "must be whole numbers, separated by commas";
  }
  if (!out.empty()) return std::nullopt;
  return "names no entry; separate entries by commas";
}

std::optional<std::string> value_of(const Environment& environment, const std::string& variable) {
  auto value = environment(variable);
  if (!value || value->empty()) return std::nullopt;
  // Both names are shared with other programs.
  if (variable == "RUST_LOG" || variable == "LOG_LEVEL") value = base::own_log_levels(*value);
  if (value->empty()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string> variables_of(const base::Setting& setting) {
  std::string derived = "MLS_GATEWAY_" + setting.path();
  for (char& c : derived) {
    if (c == '.') c = '_';
    if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
  }
  std::vector<std::string> names{std::move(derived)};
  names.insert(names.end(), setting.env.begin(), setting.env.end());
  return names;
}

void assign_environment(Assigner& assigner, const Environment& environment) {
  const auto& settings = assigner.settings().all();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    for (const std::string& variable : variables_of(settings[i])) {
      const auto value = value_of(environment, variable);
      if (!value) continue;
      assigner.set_by(i, "environment variable " + variable);
      const auto problem = std::visit([&value](auto* target) { return assign(*target, *value); },
                                      settings[i].target);
      if (problem) assigner.refuse(i, *problem);
      break;
    }
  }
}

}  // namespace config
