#pragma once
// groups/{id}/members: who is in a group, and the operator's and its admins' changes to that.
#include "extensions/mls_gateway/rest_caller.h"

namespace extensions::mls_gateway {

/// For members and the operator.
[[nodiscard]] RestAnswer list_members(const RestParts& parts, const relay::HttpRequest& request,
                                      const Caller& caller);

// For admins of the group and the operator: decided like a roster event (450), in a commit of its own; when it is
// answered, every worker goes by it. 204; 409 when the roster has moved on, or would be left without an admin.

/// The body may name a role: `{"role":"admin"}`; without one a newcomer is a member, and everyone else stays what it is.
[[nodiscard]] RestAnswer put_member(const RestParts& parts, const relay::HttpRequest& request,
                                    const Caller& caller);
[[nodiscard]] RestAnswer delete_member(const RestParts& parts, const relay::HttpRequest& request,
                                       const Caller& caller);

}  // namespace extensions::mls_gateway
