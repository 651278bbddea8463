#pragma once
#include <string>

#include "base/settings.h"

namespace config {

/// All declared settings as Markdown, a table a section, with the values that their targets hold:
/// ask before load(), so that these are the defaults.
[[nodiscard]] std::string reference_markdown(const base::Settings& settings);

}  // namespace config
