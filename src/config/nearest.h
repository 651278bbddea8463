#pragma once
// "Did you mean …?"
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

/// The known name that `wrong` is most likely a slip of: up to a third of its letters (at least
/// one) left out, added, replaced or swapped with a neighbour.
[[nodiscard]] std::optional<std::string> nearest(std::string_view wrong,
                                                 const std::vector<std::string>& known);

}  // namespace config
