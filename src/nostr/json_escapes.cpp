#include "nostr/json_escapes.h"

#include <charconv>

namespace nostr::json {
namespace {

/// Copies `text`, giving each escape (from its backslash on) to `write(out, rest)`, which returns
/// its length.
template <typename Write>
std::string rewrite_escapes(std::string_view text, Write write) {
  std::string out;
  out.reserve(text.size());
  while (true) {
    const std::size_t run = text.find('\\');
    out += text.substr(0, run);
    if (run == text.npos) return out;
    text.remove_prefix(run);
    text.remove_prefix(write(out, text));
  }
}

/// `escape` begins with \u00xx, the only \u form that is written.
std::size_t write_control(std::string& out, std::string_view escape) {
  unsigned code = 0;
  std::from_chars(escape.data() + 2, escape.data() + 6, code, 16);
  out += static_cast<char>(code);
  return 6;
}

char unescape(char letter) {
  switch (letter) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return letter;
  }
}

}  // namespace

std::string unescaped(std::string_view body) {
  return rewrite_escapes(body, [](std::string& out, std::string_view escape) -> std::size_t {
    if (escape[1] == 'u') return write_control(out, escape);
    out += unescape(escape[1]);
    return 2;
  });
}

std::string with_raw_controls(std::string_view json) {
  return rewrite_escapes(json, [](std::string& out, std::string_view escape) -> std::size_t {
    if (escape[1] == 'u') return write_control(out, escape);
    out += escape.substr(0, 2);
    return 2;
  });
}

}  // namespace nostr::json
