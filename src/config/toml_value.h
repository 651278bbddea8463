#pragma once
// How a setting's value is written in TOML, for error lines and the reference.
#include <string>

#include "base/settings.h"

namespace config {

/// "true or false", "a whole number", "a text", "a list of texts", "a list of whole numbers".
[[nodiscard]] std::string type_name(const base::Setting::Target& target);

/// The value it holds now.
[[nodiscard]] std::string toml_value(const base::Setting::Target& target);

/// A value of its type; never one that the operator set.
[[nodiscard]] std::string example(const base::Setting::Target& target);

}  // namespace config
