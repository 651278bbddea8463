#pragma once
#include <string>
#include <string_view>

namespace extensions::mls_gateway {

/// OpenAPI 3.1 of the REST API (openapi.json), served below `prefix`.
[[nodiscard]] std::string openapi_document(std::string_view prefix);

}  // namespace extensions::mls_gateway
