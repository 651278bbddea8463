#include "extensions/mls_gateway/rest_groups.h"

#include <fmt/format.h>

#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rest_query.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

/// The specification's JSON. A sidecar does not say how many members there are.
std::string json_of(std::string_view id, const Group& group, bool by_acl) {
  return fmt::format(
      R"({{"group_id":{},"display_name":{},"member_count":{},"last_epoch":{},"created_at":{}}})",
      quoted(id), quoted(group.display_name),
      by_acl ? std::string("null") : std::to_string(group.member_count), group.last_epoch,
      quoted_time(group.created_at));
}

/// What the rows say of a viewer; nullopt: nothing, or the group is none that has members.
std::optional<Role> role_in(const std::optional<Group>& group,
                            const std::optional<std::string>& member) {
  if (!group || group->mode != GroupMode::gated || !member) return std::nullopt;
  return decode_role(*member);
}

std::optional<Role> role_of(Standing standing) {
  if (standing == Standing::admin) return Role::admin;
  return is_inside(standing) ? std::optional(Role::member) : std::nullopt;
}

using Groups = std::vector<std::pair<std::string, Group>>;

/// Those of `ids` that `key` is in, by one look at the rows.
boost::asio::awaitable<std::optional<Groups>> groups_of(store::RowReader& rows,
                                                        const nostr::PublicKey& key,
                                                        std::vector<std::string> ids) {
  std::vector<std::string> keys;
  for (const auto& id : ids) {
    keys.push_back(group_key(id));
    keys.push_back(member_key(id, key));
  }
  const auto values = co_await rows.get_rows(std::move(keys));
  if (!values) co_return std::nullopt;
  Groups groups;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& row = (*values)[2 * i];
    const auto group = row ? decode_group(*row) : std::nullopt;
    if (role_in(group, (*values)[2 * i + 1])) groups.emplace_back(std::move(ids[i]), *group);
  }
  co_return groups;
}

std::optional<std::string> row_behind(const nostr::PublicKey& key, const PageAsked& asked) {
  return asked.cursor ? std::optional(membership_key(key, *asked.cursor)) : std::nullopt;
}

std::vector<std::string> ids_of(const store::RowPage& page) {
  std::vector<std::string> ids;
  for (const store::Row& row : page.rows) {
    if (const auto parsed = parse_membership_key(row.key)) ids.emplace_back(parsed->second);
  }
  return ids;
}

std::optional<std::string> next_of(const store::RowPage& page) {
  const auto last = page.next ? parse_membership_key(*page.next) : std::nullopt;
  return last ? std::optional(page_cursor(last->second)) : std::nullopt;
}

std::string json_of(const Groups& groups, const std::optional<std::string>& next) {
  std::string body = R"({"groups":[)";
  for (const auto& [id, group] : groups) {
    if (body.back() != '[') body += ',';
    body += json_of(id, group, false);
  }
  return body.append("],").append(page_end(next)).append("}");
}

}  // namespace

relay::HttpResponse no_such_group() {
  return relay::http_error(404, "not_found", "there is no group of this id that you are in");
}

relay::HttpResponse kept_elsewhere() {
  return relay::http_error(
      403, "kept_elsewhere",
      "the operator's own service keeps the members here (membership = \"acl\"); ask it");
}

relay::HttpResponse cannot_look_up() {
  return relay::http_error_for_now(503, "unavailable", "this could not be looked up; try again", 1);
}

boost::asio::awaitable<std::expected<SeenGroup, relay::HttpResponse>> look_at_group(
    const RestParts& parts, const Caller& caller, std::string id) {
  // The same for everybody, whether there is such a group or not.
  Standing standing = Standing::unknown;
  if (parts.acl && caller.visit) {
    standing = co_await parts.acl->ask(caller.visit->key(), id);
    if (standing == Standing::unknown) co_return std::unexpected(cannot_look_up());
  }
  const nostr::PublicKey viewer = caller.visit ? caller.visit->key() : nostr::PublicKey{};
  std::vector<std::string> keys{group_key(id), member_key(id, viewer)};
  const auto rows = co_await parts.rows.get_rows(std::move(keys));
  if (!rows) co_return std::unexpected(cannot_look_up());
  const auto group = rows->front() ? decode_group(*rows->front()) : std::nullopt;
  const auto role = parts.acl ? role_of(standing) : role_in(group, rows->back());
  if (!group || (!caller.is_operator() && (!role || group->mode != GroupMode::gated)))
    co_return std::unexpected(no_such_group());
  co_return SeenGroup{*group, caller.is_operator() ? std::nullopt : role};
}

RestAnswer show_group(const RestParts& parts, const relay::HttpRequest& request,
                      const Caller& caller) {
  const auto query = parse_query(request.query, {});
  if (!query) co_return query.error();
  const auto id = group_id_of(request.segments[0]);
  if (!id) co_return id.error();
  const auto seen = co_await look_at_group(parts, caller, *id);
  if (!seen) co_return seen.error();
  co_return json_answer(json_of(*id, seen->group, parts.acl != nullptr));
}

RestAnswer list_groups(const RestParts& parts, const relay::HttpRequest& request,
                       const Caller& caller) {
  if (caller.is_operator()) co_return needs_viewer();
  if (parts.acl) co_return kept_elsewhere();
  const auto asked = parse_page(request.query);
  if (!asked) co_return asked.error();
  const auto key = caller.visit->key();
  const auto page =
      co_await parts.rows.scan_rows(membership_prefix(key), row_behind(key, *asked), asked->limit);
  if (!page) co_return cannot_look_up();
  // Looked at again: who was removed since the list was read is not shown what the group is like now.
  const auto groups = co_await groups_of(parts.rows, key, ids_of(*page));
  co_return groups ? json_answer(json_of(*groups, next_of(*page))) : cannot_look_up();
}

}  // namespace extensions::mls_gateway
