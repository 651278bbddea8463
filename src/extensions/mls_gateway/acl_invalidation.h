#pragma once
// POST {api_prefix}/acl/invalidate: the operator's service says that somebody's membership has changed.
//
// The news travel as a change of a row that never exists, so that every worker, and every instance behind one store, hears of
// it in the order of the commits, before the caller is answered.
#include <optional>
#include <string>
#include <string_view>

#include "extensions/mls_gateway/acl_members.h"
#include "extensions/mls_gateway/rest_caller.h"

namespace extensions::mls_gateway {

/// Whose cached answers are to be dropped: a member's, a group's, or with no group all.
struct AclInvalidation {
  std::string group{};
  std::optional<nostr::PublicKey> member{};
};

/// The body: {} or {"group":"…"} or {"group":"…","member":"<64 hex>"}. The error is a sentence.
[[nodiscard]] std::expected<AclInvalidation, std::string> parse_acl_invalidation(
    std::string_view body);

[[nodiscard]] bool is_acl_invalidation(const store::RowChange& change);
/// Does nothing for any other row.
void apply_acl_invalidation(const store::RowChange& change, AclMembers& members);

/// For the operator: 204; 400 for a body that says nothing of the kind, 503 when busy.
[[nodiscard]] RestAnswer invalidate_acl(const RestParts& parts, const relay::HttpRequest& request,
                                        const Caller& caller);

}  // namespace extensions::mls_gateway
