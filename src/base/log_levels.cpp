#include "base/log_levels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace base {
namespace {

constexpr std::string_view program = "mls_gateway";
constexpr std::array<std::pair<std::string_view, level::level_enum>, 6> levels{
    {{"trace", level::trace},
     {"debug", level::debug},
     {"info", level::info},
     {"warn", level::warn},
     {"error", level::err},
     {"off", level::off}}};

std::optional<level::level_enum> level_of(std::string_view word) {
  const auto* const found =
      std::ranges::find(levels, word, &std::pair<std::string_view, level::level_enum>::first);
  if (found == levels.end()) return std::nullopt;
  return found->second;
}

/// "mls_gateway::net" is "net".
std::string_view component_of(std::string_view target) {
  if (target.starts_with(program) && target.substr(program.size()).starts_with("::"))
    target.remove_prefix(program.size() + 2);
  return target;
}

bool is_ours(std::string_view target) {
  return target == program ||
         std::ranges::find(log_components, component_of(target)) != log_components.end();
}

std::vector<std::string> directives_of(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string part(trimmed(text.substr(0, end)));
    for (char& c : part)
      if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (!part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string unknown_level(std::string_view word) {
  return fmt::format(
      "\"{}\" is not known; use trace, debug, info, warn, error or off, for single parts of the "
      "relay like \"info,net=debug\"",
      word);
}

}  // namespace

level::level_enum LogLevels::of(std::string_view target) const {
  const auto found = std::ranges::find(components, component_of(target),
                                       &std::pair<std::string, level::level_enum>::first);
  return found == components.end() ? others : found->second;
}

std::expected<LogLevels, std::string> parse_log_levels(std::string_view text) {
  const auto directives = directives_of(text);
  if (directives.empty()) return std::unexpected(unknown_level(text));
  LogLevels parsed;
  for (const std::string_view directive : directives) {
    const std::size_t equals = directive.find('=');
    const bool bare = equals == directive.npos;
    const std::string_view target = bare ? program : trimmed(directive.substr(0, equals));
    const std::string_view word = bare ? directive : trimmed(directive.substr(equals + 1));
    const auto level = level_of(word);
    if (!level) return std::unexpected(unknown_level(word));
    if (!is_ours(target))
      return std::unexpected(fmt::format("\"{}\" is no part of the relay; known are {}", target,
                                         fmt::join(log_components, ", ")));
    if (target == program)
      parsed.others = *level;
    else
      parsed.components.insert(parsed.components.begin(),
                               {std::string(component_of(target)), *level});
  }
  return parsed;
}

std::string own_log_levels(std::string_view text) {
  std::string kept, foreign;
  bool level_stands_alone = false;
  for (const std::string& directive : directives_of(text)) {
    const std::size_t equals = directive.find('=');
    const bool bare = equals == directive.npos;
    const bool first_level = bare && !level_stands_alone && level_of(directive).has_value();
    if (bare && !first_level && foreign.empty()) foreign = directive;
    if (bare ? !first_level : !is_ours(trimmed(std::string_view(directive).substr(0, equals))))
      continue;
    level_stands_alone |= first_level;
    if (!kept.empty()) kept += ',';
    kept += directive;
  }
  return kept.empty() ? foreign : kept;  // a word alone is meant for us, even if it is no level
}

}  // namespace base
