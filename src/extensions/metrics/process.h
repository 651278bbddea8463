#pragma once
#include "relay/extension/measure.h"

namespace extensions::metrics {

/// What Linux says of this process, under the names that Prometheus's clients give it. What cannot be read is left out.
[[nodiscard]] relay::Measures process_measures();

}  // namespace extensions::metrics
