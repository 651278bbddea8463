#pragma once
#include <optional>
#include <string_view>

#include "base/log.h"
#include "base/repeated.h"
#include "extensions/mls_gateway/config.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// The suite announced beside the package: `cs` in gateway dialect, the others in Marmot's generations.
[[nodiscard]] std::optional<std::string_view> announced_suite(const nostr::Event& event);

/// Holds the content of a key package (443, 30443) against RFC 9420: what is wrong is logged, refused or not looked at, as
/// `keypackage_validation` says. Other kinds pass. The log names faults, never owners: at info those that `said` lets
/// through, at debug all.
[[nodiscard]] relay::Verdict check_key_package_content(const Config& config, const base::Log& log,
                                                       base::Repeated& said,
                                                       const relay::EventContext& context);

}  // namespace extensions::mls_gateway
