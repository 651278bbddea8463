#pragma once
#include "base/log.h"
#include "extensions/mls_gateway/acl_members.h"

namespace extensions::mls_gateway {

/// `ask`, and a warning once in a while when it gets no answer: nobody is a member then, and only the operator can tell why.
/// Names no group and no key. Confined to the thread that asks.
[[nodiscard]] AskSidecar with_warnings(AskSidecar ask, base::Log log);

}  // namespace extensions::mls_gateway
