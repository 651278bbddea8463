#pragma once
#include "extensions/mls_gateway/config.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// The checks of one event that need nothing but the event and who publishes it: tags counted and well formed,
/// recipient and author rules per kind. Pure. Kinds the gateway does not know pass.
[[nodiscard]] relay::Verdict check_shape(const Config& config, const relay::EventContext& context);

}  // namespace extensions::mls_gateway
