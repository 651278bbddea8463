#include "extensions/mls_gateway/rest_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "nostr/relay_message.h"

namespace extensions::mls_gateway {

std::string quoted(std::string_view text) {
  std::string out;
  nostr::append_json_string(out, text);
  return out;
}

std::string quoted_time(base::UnixSeconds time) {
  constexpr base::UnixSeconds last = 253'402'300'799;
  return fmt::format(
      "\"{:%Y-%m-%dT%H:%M:%SZ}\"",
      fmt::gmtime(static_cast<std::time_t>(std::clamp<base::UnixSeconds>(time, 0, last))));
}

std::string page_end(const std::optional<std::string>& cursor) {
  return fmt::format(R"("cursor":{},"has_more":{})", cursor ? quoted(*cursor) : "null",
                     cursor.has_value());
}

relay::HttpResponse json_answer(std::string body) {
  relay::HttpResponse response;
  response.body = std::move(body);
  // What a viewer may see changes, and is nobody else's.
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

relay::HttpResponse no_content() {
  relay::HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace extensions::mls_gateway
