#include "extensions/mls_gateway/rest_openapi.h"

#include "extensions/mls_gateway/rest_json.h"

namespace extensions::mls_gateway {
namespace {

constexpr std::string_view document =
#include "extensions/mls_gateway/openapi.inc"
    ;

}  // namespace

std::string openapi_document(std::string_view prefix) {
  constexpr std::string_view place = "{api_prefix}";
  constexpr auto at = document.find(place);
  static_assert(at != document.npos);
  std::string text(document.substr(0, at));
  const std::string path = quoted(prefix);
  text.append(path, 1, path.size() - 2);
  return text.append(document.substr(at + place.size()));
}

}  // namespace extensions::mls_gateway
