#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "extensions/mls_gateway/rest_query.h"

namespace extensions::mls_gateway {

/// The body is a JSON object that has nothing but, perhaps, the text `name`; an empty body has none. nullopt: it has not.
[[nodiscard]] Asked<std::optional<std::string>> text_in_body(std::string_view body,
                                                             std::string_view name);

}  // namespace extensions::mls_gateway
