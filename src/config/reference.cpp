#include "config/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "config/environment.h"
#include "config/toml_value.h"

namespace config {

namespace {

constexpr auto introduction = R"(# Configuration

The relay reads one TOML file, named with `-c`. Every key may be left out; its default is below. An environment
variable overrides the file; where a key has several, the first one that is set counts. Lists are separated by commas
there, and an empty variable counts as not set. Unknown keys, wrong types and bad values are refused at start, all of
them at once, each with file, line and remedy; `mls-gateway check-config -c <file>` does the same without starting.

A running relay reads its file again when it is saved, and on SIGHUP. It takes over at once what is marked *live* below,
and drops nobody; what is marked *restart* it names in the log and leaves as it was. A file with errors changes nothing:
the log says what is wrong. The environment counts as it was when the relay started.

This page is printed by `mls-gateway check-config --reference`.
)";

/// A `|` would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string row(const base::Setting& setting) {
  return fmt::format("| `{}` | `{}` | {} | {} | `{}` |\n", setting.key,
                     cell(toml_value(setting.target)), cell(setting.help),
                     setting.live ? "live" : "restart", fmt::join(variables_of(setting), "`, `"));
}

std::vector<std::string> sections_of(const std::vector<base::Setting>& settings) {
  std::vector<std::string> sections;
  for (const base::Setting& setting : settings)
    if (std::ranges::find(sections, setting.section) == sections.end())
      sections.push_back(setting.section);
  return sections;
}

}  // namespace

std::string reference_markdown(const base::Settings& settings) {
  std::string page = introduction;
  for (const std::string& section : sections_of(settings.all())) {
    page += fmt::format(
        "\n## [{}]\n\n| key | default | meaning | a change | environment "
        "|\n|---|---|---|---|---|\n",
        section);
    for (const base::Setting& setting : settings.all())
      if (setting.section == section) page += row(setting);
  }
  return page;
}

}  // namespace config
