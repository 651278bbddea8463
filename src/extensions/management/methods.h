#pragma once
// What there is to call. One row for each method: an operation that its parameters make, or a list that is read.
#include <optional>
#include <span>
#include <string_view>

#include "extensions/management/call.h"
#include "extensions/management/changes.h"

namespace extensions::management {

struct Method {
  std::string_view name;
  Parsed<store::OperationPtr> (*change)(const Params& params, Bounds bounds) = nullptr;
  std::optional<List> lists{};
};

/// In the order of NIP-86, without `supportedmethods`.
[[nodiscard]] std::span<const Method> methods();

/// An entry of the answer to a `list…`.
[[nodiscard]] std::string entry_json(List list, std::string_view item, std::string_view reason);

}  // namespace extensions::management
