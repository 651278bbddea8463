#pragma once
// GET keypackages, POST keypackages/claim.
#include "extensions/mls_gateway/rest_caller.h"

namespace extensions::mls_gateway {

/// Metadata of an owner's live packages, of those that a REQ would show this viewer.
[[nodiscard]] RestAnswer list_key_packages(const RestParts& parts,
                                           const relay::HttpRequest& request, const Caller& caller);

/// One package for a single use, as it was signed (HandOut): in either mode of delivery. 404 when the owner has none to give.
[[nodiscard]] RestAnswer claim_key_package(const RestParts& parts,
                                           const relay::HttpRequest& request, const Caller& caller);

}  // namespace extensions::mls_gateway
