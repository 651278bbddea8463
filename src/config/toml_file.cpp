#include "config/toml_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <utility>

#include "config/nearest.h"
#include "config/toml_value.h"

namespace config {

namespace {

/// One walk over the tables of a file.
class Walk {
 public:
  Walk(Assigner& assigner, const std::string& file)
      : assigner_(assigner), settings_(assigner.settings().all()), file_(file) {}

  /// In the order of the file, so that errors are.
  void table(const std::string& section, const toml::table& table) {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::ranges::sort(entries, {}, [](const auto& entry) { return line(*entry.first); });
    for (const auto& [key, node] : entries) entry(section, *key, *node);
  }

 private:
  void entry(const std::string& section, const toml::key& key, const toml::node& node) {
    const std::string name(key.str());
    const std::string path = section.empty() ? name : section + "." + name;
    const toml::table* below = node.as_table();
    if (const auto setting = find(section, name))
      value(*setting, at(key), node);
    else if (below && leads_to_section(path))
      table(path, *below);
    else if (leads_to_section(path))
      assigner_.refuse(at(key), fmt::format("{}: is a section; write [{}]", path, path));
    else if (below)
      assigner_.refuse(at(key), fmt::format("{}: unknown section{}", path, meant_section(path)));
    else
      assigner_.refuse(at(key), fmt::format("{}: unknown key{}", path, meant_key(section, name)));
  }

  void value(std::size_t setting, const std::string& origin, const toml::node& node) {
    assigner_.set_by(setting, origin);
    if (assign(settings_[setting].target, node)) return;
    assigner_.refuse(
        setting,
        fmt::format("must be {}; write it like {} = {}", type_name(settings_[setting].target),
                    settings_[setting].key, example(settings_[setting].target)));
  }

  static bool assign(const base::Setting::Target& target, const toml::node& node) {
    return std::visit([&node](auto* out) { return take(*out, node); }, target);
  }

  template <typename Value>
  static bool take(Value& out, const toml::node& node) {
    const auto value = node.value_exact<Value>();
    if (value) out = *value;
    return value.has_value();
  }

  template <typename Entry>
  static bool take(std::vector<Entry>& out, const toml::node& node) {
    const toml::array* array = node.as_array();
    if (!array) return false;
    out.clear();
    for (const toml::node& element : *array) {
      const auto entry = element.value_exact<Entry>();
      if (!entry) return false;
      out.push_back(*entry);
    }
    return true;
  }

  std::optional<std::size_t> find(std::string_view section, std::string_view key) const {
    for (std::size_t i = 0; i < settings_.size(); ++i)
      if (settings_[i].section == section && settings_[i].key == key) return i;
    return std::nullopt;
  }

  /// Is it a section, or the beginning of one's name as "extensions" is?
  bool leads_to_section(const std::string& path) const {
    return std::ranges::any_of(settings_, [&path](const base::Setting& setting) {
      return (setting.section + ".").starts_with(path + ".");
    });
  }

  std::string meant_section(const std::string& path) const {
    std::vector<std::string> known;
    for (const base::Setting& setting : settings_)
      if (std::ranges::find(known, setting.section) == known.end())
        known.push_back(setting.section);
    const auto near = nearest(path, known);
    return fmt::format("{} Known sections: [{}]",
                       near ? fmt::format("; did you mean [{}]?", *near) : ".",
                       fmt::join(known, "], ["));
  }

  std::string meant_key(const std::string& section, const std::string& key) const {
    std::vector<std::string> known;
    for (const base::Setting& setting : settings_)
      if (setting.section == section) known.push_back(setting.key);
    const auto near = nearest(key, known);
    const std::string meant = near ? fmt::format("; did you mean \"{}\"?", *near) : elsewhere(key);
    if (known.empty()) return meant + " Keys stand below a [section]";
    return fmt::format("{} Known keys in [{}]: {}", meant, section, fmt::join(known, ", "));
  }

  std::string elsewhere(const std::string& key) const {
    for (const base::Setting& setting : settings_)
      if (setting.key == key) return fmt::format("; it belongs in [{}].", setting.section);
    return ".";
  }

  static toml::source_index line(const toml::key& key) { return key.source().begin.line; }

  std::string at(const toml::key& key) const { return fmt::format("{}:{}", file_, line(key)); }

  Assigner& assigner_;
  const std::vector<base::Setting>& settings_;
  const std::string& file_;
};

}  // namespace

void assign_toml(Assigner& assigner, const Source& source) {
  try {
    const toml::table root = toml::parse(source.text, source.name);
    Walk(assigner, source.name).table("", root);
  } catch (const toml::parse_error& error) {
    assigner.refuse(fmt::format("{}:{}", source.name, error.source().begin.line),
                    fmt::format("is not TOML: {}", error.description()));
  }
}

}  // namespace config
