#pragma once
#include <string_view>

#include "base/clock.h"
#include "relay/extension/http_api.h"

namespace relay {

/// http_error() with Retry-After: for 429 and 503.
[[nodiscard]] HttpResponse http_error_for_now(int status, std::string_view code,
                                              std::string_view text,
                                              base::UnixSeconds retry_after_s);

/// A refusal as a WebSocket client reads it ("rate-limited: wait 3 seconds"), as an answer: status and code by its prefix,
/// the rest as the text, and when to try again.
[[nodiscard]] HttpResponse http_refusal(std::string_view reason);

}  // namespace relay
