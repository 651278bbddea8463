#pragma once
#include <string>
#include <string_view>

namespace app {

/// `text` as text or as a quoted attribute's value: no character of it is markup. Control characters become spaces.
[[nodiscard]] std::string html_escaped(std::string_view text);

/// <a href> around `text` where `target` is an http(s) or mailto address, else `text` alone. Both are escaped.
[[nodiscard]] std::string html_link(std::string_view target, std::string_view text);

/// True for an https address that can stand in a Content-Security-Policy as it is.
[[nodiscard]] bool is_plain_https(std::string_view url);

}  // namespace app
