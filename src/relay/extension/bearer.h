#pragma once
#include <span>
#include <string>

#include "relay/extension/http_api.h"

namespace relay {

/// Does the request name one of these tokens ("Authorization: Bearer <token>", RFC 6750)? Compared in a time that tells
/// nothing but the length. Empty tokens are nobody's.
[[nodiscard]] bool bears_one_of(std::span<const std::string> tokens, const HttpRequest& request);

}  // namespace relay
