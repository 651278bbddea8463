#include "extensions/mls_gateway/rest_body.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace extensions::mls_gateway {

Asked<std::optional<std::string>> text_in_body(std::string_view body, std::string_view name) {
  std::optional<std::string> found;
  if (body.empty()) return found;
  const auto wrong = [&] {
    return bad_request(fmt::format("the body is a JSON object: {{\"{}\":\"…\"}}", name));
  };
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object)) return wrong();
  for (const auto field : object) {
    std::string_view text;
    if (field.key != name || found || field.value.get(text)) return wrong();
    found = text;
  }
  return found;
}

}  // namespace extensions::mls_gateway
