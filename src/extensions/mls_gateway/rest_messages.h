#pragma once
// GET messages/missed: what came for a viewer while it was away.
#include <optional>
#include <string>

#include "extensions/mls_gateway/rest_caller.h"
#include "extensions/mls_gateway/rest_query.h"

namespace extensions::mls_gateway {

/// Archived events (445, 446, 1059) that are for the viewer, page by page, oldest first.
[[nodiscard]] RestAnswer list_missed(const RestParts& parts, const relay::HttpRequest& request,
                                     const Caller& caller);

// Cursors of pages of events.
[[nodiscard]] Asked<std::optional<relay::ReadPosition>> position_of(const PageAsked& asked);
[[nodiscard]] std::optional<std::string> cursor_behind(const relay::ReadPage& page);

}  // namespace extensions::mls_gateway
