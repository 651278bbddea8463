#include "app/html.h"

#include <fmt/format.h>

#include <algorithm>

namespace app {
namespace {

bool is_address(std::string_view target) {
  return target.starts_with("https://") || target.starts_with("http://") ||
         target.starts_with("mailto:");
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:/%").contains(c);
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string html_link(std::string_view target, std::string_view text) {
  if (!is_address(target)) return html_escaped(text);
  return fmt::format(R"(<a href="{}" rel="nofollow noopener noreferrer">{}</a>)",
                     html_escaped(target), html_escaped(text));
}

bool is_plain_https(std::string_view url) {
  return url.starts_with("https://") && url.size() <= 2048 && std::ranges::all_of(url, is_plain);
}

}  // namespace app
