#pragma once
// The configuration file.
#include "config/assigner.h"
#include "config/load.h"

namespace config {

/// Takes every key of the file; refuses keys and sections that nobody declared, with what may have
/// been meant.
void assign_toml(Assigner& assigner, const Source& source);

}  // namespace config
