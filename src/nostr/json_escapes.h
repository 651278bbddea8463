#pragma once
// Reading back what append_json_string() wrote. Private to src/nostr.
#include <string>
#include <string_view>

namespace nostr::json {

/// The text of a JSON string body (without its quotes).
[[nodiscard]] std::string unescaped(std::string_view body);

/// `json` with each \u00xx replaced by the control character itself; other escapes stay.
[[nodiscard]] std::string with_raw_controls(std::string_view json);

}  // namespace nostr::json
