#include "net/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <string>

namespace net {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// How long the character is that begins with this byte; 1 for what begins none.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

/// The beginning of a character at the end of `text`; empty if the last one is whole.
std::string_view cut_off(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(text.size(), 3); ++size) {
    const auto tail = text.substr(text.size() - size);
    if (!continues(tail[0])) return length_of(tail[0]) > size ? tail : std::string_view{};
  }
  return {};
}

/// Of all second bytes that a first one allows (RFC 3629 §4), the least or the greatest is among
/// them.
bool may_become_a_character(std::string_view beginning) {
  return std::ranges::any_of(std::string_view("\x80\xBF"), [beginning](char rest) {
    std::string whole(beginning);
    whole.resize(length_of(beginning[0]), rest);
    return is_utf8(whole);
  });
}

}  // namespace

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::optional<std::size_t> whole_characters(std::string_view text) {
  const auto rest = cut_off(text);
  const auto whole = text.substr(0, text.size() - rest.size());
  if (!is_utf8(whole)) return std::nullopt;
  if (!rest.empty() && !may_become_a_character(rest)) return std::nullopt;
  return whole.size();
}

}  // namespace net
