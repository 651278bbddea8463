#include "tree/one_door.h"

#include <algorithm>
#include <cctype>

namespace {

bool is_identifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// As words of their own: "store::Store" is not in "store::StoredEvent".
bool uses(std::string_view code, std::string_view words) {
  for (auto at = code.find(words); at != code.npos; at = code.find(words, at + 1)) {
    const std::size_t end = at + words.size();
    const bool begins = at == 0 || !is_identifier(words.front()) || !is_identifier(code[at - 1]);
    const bool ends =
        end == code.size() || !is_identifier(words.back()) || !is_identifier(code[end]);
    if (begins && ends) return true;
  }
  return false;
}

bool lies_in(std::string_view file, std::string_view place) {
  return place.ends_with('/') ? file.starts_with(place) : file.substr(0, file.rfind('.')) == place;
}

}  // namespace

std::optional<std::string> another_door(std::string_view file, std::string_view line) {
  const std::string_view code = line.substr(0, line.find("//"));
  for (const Reserved& reserved : one_door) {
    const bool allowed = std::ranges::any_of(
        reserved.places, [&](std::string_view place) { return lies_in(file, place); });
    if (!allowed && uses(code, reserved.words))
      return std::string(reserved.why) + ": " + std::string(reserved.words);
  }
  return std::nullopt;
}
