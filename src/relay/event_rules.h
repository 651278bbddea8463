#pragma once
#include <string>

#include "nostr/client_message.h"
#include "nostr/verify.h"
#include "nostr/viewer.h"

namespace relay {

struct RelayOptions;

/// Why the relay itself, before any extension is asked, refuses `event`, whoever brings it and by whichever road; empty
/// if it does not. `verifier`: nullptr when id and signature are known to hold. In handle_event.cpp.
[[nodiscard]] std::string refusal_of(const nostr::Event& event, const nostr::Viewer& viewer,
                                     base::UnixSeconds now, const RelayOptions& options,
                                     nostr::Verifier* verifier, nostr::MessageParser& parser);

/// Is it a request to vanish (NIP-62) that names this relay?
[[nodiscard]] bool vanishes_here(const nostr::Event& event, const RelayOptions& options);

}  // namespace relay
