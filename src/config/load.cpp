#include "config/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/assigner.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/toml_file.h"

namespace config {

std::expected<Source, std::string> read_source(const std::string& path) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  std::ifstream file(path, std::ios::binary);
  if (folder || !file)
    return std::unexpected(
        fmt::format("{}: cannot be read: {}; name a readable TOML file with -c", path,
                    folder ? "is a folder" : std::generic_category().message(errno)));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return Source{path, std::move(text)};
}

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

namespace {

void check(Assigner& assigner) {
  const auto& settings = assigner.settings().all();
  for (std::size_t i = 0; i < settings.size(); ++i)
    if (settings[i].check && !assigner.failed(i))
      if (auto problem = settings[i].check()) assigner.refuse(i, *problem);
}

void warn_of_placeholders(Assigner& assigner) {
  const auto& settings = assigner.settings().all();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto* list = std::get_if<std::vector<std::string>*>(&settings[i].target);
    if (!list || std::ranges::none_of(**list, is_placeholder_key)) continue;
    const bool only = std::ranges::all_of(**list, is_placeholder_key);
    assigner.warn(i,
                  fmt::format("holds placeholders of the documented example, which match no key{}; "
                              "put real public keys (hex or npub1…) in their place",
                              only ? ": nobody is admitted" : ""));
  }
}

}  // namespace

std::expected<Loaded, std::vector<std::string>> load(const base::Settings& settings,
                                                     const Source& source,
                                                     const Environment& environment) {
  Assigner assigner(settings, source.name);
  assign_toml(assigner, source);
  assign_environment(assigner, environment);
  check(assigner);
  warn_of_placeholders(assigner);
  if (!assigner.errors().empty()) return std::unexpected(assigner.errors());
  return Loaded{assigner.warnings()};
}

}  // namespace config
