#pragma once
// Environment variables that override the file.
#include <string>
#include <vector>

#include "base/settings.h"
#include "config/assigner.h"
#include "config/load.h"

namespace config {

/// Its variables, strongest first: MLS_GATEWAY_<SECTION>_<KEY>, then the other names it declared.
[[nodiscard]] std::vector<std::string> variables_of(const base::Setting& setting);

/// Takes every variable that is set and not empty.
void assign_environment(Assigner& assigner, const Environment& environment);

}  // namespace config
