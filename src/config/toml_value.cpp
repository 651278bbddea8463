#include "config/toml_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace config {

namespace {

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string listed(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& entry : list) out += (out.size() > 1 ? ", " : "") + quoted(entry);
  return out + ']';
}

std::string listed(const std::vector<std::int64_t>& list) {
  return fmt::format("[{}]", fmt::join(list, ", "));
}

}  // namespace

std::string type_name(const base::Setting::Target& target) {
  return std::visit(
      Overloaded{[](bool*) { return "true or false"; },
                 [](std::int64_t*) { return "a whole number"; },
                 [](std::string*) { return "a text"; },
                 [](std::vector<std::string>*) { return "a list of texts"; },
                 [](std::vector<std::int64_t>*) { return "a list of whole numbers"; }},
      target);
}

std::string toml_value(const base::Setting::Target& target) {
  return std::visit(Overloaded{[](bool* value) { return std::string(*value ? "true" : "false"); },
                               [](std::int64_t* value) { return std::to_string(*value); },
                               [](std::string* value) { return quoted(*value); },
                               [](auto* list) { return listed(*list); }},
                    target);
}

std::string example(const base::Setting::Target& target) {
  return std::visit(Overloaded{[](bool*) { return "true"; }, [](std::int64_t*) { return "60"; },
                               [](std::string*) { return "\"text\""; },
                               [](std::vector<std::string>*) { return "[\"first\", \"second\"]"; },
                               [](std::vector<std::int64_t>*) { return "[1, 2]"; }},
                    target);
}

}  // namespace config
