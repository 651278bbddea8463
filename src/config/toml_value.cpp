#include "config/toml_value.h"

#include <fmt/format.h>

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

}  // namespace

std::string type_name(const base::Setting::Target& target) {
  return std::visit(Overloaded{[](bool*) { return "true or false"; },
                               [](std::int64_t*) { return "a whole number"; },
                               [](std::string*) { return "a text"; },
                               [](std::vector<std::string>*) { return "a list of texts"; }},
                    target);
}

std::string toml_value(const base::Setting::Target& target) {
  return std::visit(Overloaded{[](bool* value) { return std::string(*value ? "true" : "false"); },
                               [](std::int64_t* value) { return std::to_string(*value); },
                               [](std::string* value) { return quoted(*value); },
                               [](std::vector<std::string>* value) { return listed(*value); }},
                    target);
}

std::string example(const base::Setting::Target& target) {
  return std::visit(Overloaded{[](bool*) { return "true"; }, [](std::int64_t*) { return "60"; },
                               [](std::string*) { return "\"text\""; },
                               [](std::vector<std::string>*) { return "[\"first\", \"second\"]"; }},
                    target);
}

}  // namespace config
