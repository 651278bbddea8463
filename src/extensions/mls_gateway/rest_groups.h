#pragma once
// GET groups, GET groups/{id}.
#include <optional>
#include <string>

#include "extensions/mls_gateway/rest_caller.h"
#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {

/// The groups that the viewer is in, by their ids. 403 with a sidecar, which lists none.
[[nodiscard]] RestAnswer list_groups(const RestParts& parts, const relay::HttpRequest& request,
                                     const Caller& caller);
/// For members and the operator. Everyone else: 404, as for a group that is not there, by the same work.
[[nodiscard]] RestAnswer show_group(const RestParts& parts, const relay::HttpRequest& request,
                                    const Caller& caller);

/// A group as whoever calls may see it.
struct SeenGroup {
  Group group;
  std::optional<Role> role;  ///< of the viewer; none: the operator
};
/// The error is the answer: 404 for outsiders, 503 when store or sidecar cannot say.
[[nodiscard]] boost::asio::awaitable<std::expected<SeenGroup, relay::HttpResponse>> look_at_group(
    const RestParts& parts, const Caller& caller, std::string id);

/// 404: not there, or not for you.
[[nodiscard]] relay::HttpResponse no_such_group();
/// 403: the sidecar keeps the members.
[[nodiscard]] relay::HttpResponse kept_elsewhere();
/// 503.
[[nodiscard]] relay::HttpResponse cannot_look_up();

}  // namespace extensions::mls_gateway
