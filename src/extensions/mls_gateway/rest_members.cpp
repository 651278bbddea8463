#include "extensions/mls_gateway/rest_members.h"

#include <fmt/format.h>

#include <array>

#include "extensions/mls_gateway/member_change.h"
#include "extensions/mls_gateway/rest_body.h"
#include "extensions/mls_gateway/rest_groups.h"
#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rest_query.h"
#include "extensions/mls_gateway/worth_doing.h"
#include "nostr/kinds.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

std::string_view name_of(Role role) { return role == Role::admin ? "admin" : "member"; }

std::string json_of(std::string_view id, const Group& group, const store::RowPage& page) {
  std::string body =
      fmt::format(R"({{"group_id":{},"roster_seq":{},"members":[)", quoted(id), group.roster_seq);
  std::optional<nostr::PublicKey> last;
  for (const store::Row& row : page.rows) {
    const auto key = parse_member_key(row.key, id);
    const auto role = decode_role(row.value);
    if (!key || !role) continue;
    if (last) body += ',';
    last = key;
    body += fmt::format(R"({{"pubkey":"{}","role":"{}"}})", base::to_hex(*key), name_of(*role));
  }
  std::optional<std::string> next;
  if (page.next && last) next = page_cursor(last->view());
  return body.append("],").append(page_end(next)).append("}");
}

std::optional<std::string> row_behind(std::string_view id, const PageAsked& asked) {
  return asked.cursor ? std::optional(member_prefix(id).append(*asked.cursor)) : std::nullopt;
}

/// REQUIRES: the caller may see the group.
RestAnswer read_members(const RestParts& parts, const Caller& caller, const std::string& id,
                        const PageAsked& asked) {
  const auto page =
      co_await parts.rows.scan_rows(member_prefix(id), row_behind(id, asked), asked.limit);
  if (!page) co_return cannot_look_up();
  // Again: who was removed before the members were read is not shown them.
  const auto still = co_await look_at_group(parts, caller, id);
  co_return still ? json_answer(json_of(id, still->group, *page)) : still.error();
}

/// A refusal of the decision, as an answer.
relay::HttpResponse refused(std::string_view reason) {
  if (reason == outsiders_order().reason) return no_such_group();
  const auto text = reason.substr(std::min(reason.size(), reason.find(": ") + 2));
  if (reason.starts_with("invalid: ") || reason.starts_with("blocked: "))
    return relay::http_error(409, "conflict", text);
  return relay::http_refusal(reason);
}

/// What path and query say of a change; the operation is the caller's.
struct ChangeAsked {
  std::string group;
  RosterOrder order;
};
Asked<ChangeAsked> parse_change(const relay::HttpRequest& request, RosterOp op) {
  constexpr std::array<std::string_view, 1> known{"seq"};
  const auto query = parse_query(request.query, known);
  if (!query) return std::unexpected(query.error());
  const auto seq = number_of(*query, "seq");
  if (!seq) return std::unexpected(seq.error());
  if (*seq == 0) return bad_request("seq is above the current one, and so above 0");
  auto group = group_id_of(request.segments[0]);
  if (!group) return std::unexpected(group.error());
  const auto key = key_of(request.segments[1]);
  if (!key) return std::unexpected(key.error());
  return ChangeAsked{
      *std::move(group),
      {.op = op, .seq = static_cast<std::uint64_t>(seq->value_or(0)), .keys = {*key}}};
}

/// What an event that changes members would be told for its author and kind; nothing for the operator.
std::optional<relay::HttpResponse> denial(const Caller& caller) {
  if (caller.is_operator()) return std::nullopt;
  const relay::Verdict verdict = caller.visit->may_write(nostr::kind::roster);
  return verdict.denied() ? std::optional(relay::http_refusal(verdict.reason())) : std::nullopt;
}

RestAnswer change(const RestParts& parts, const relay::HttpRequest& request, const Caller& caller,
                  RosterOp op) {
  if (parts.acl) co_return kept_elsewhere();
  auto asked = parse_change(request, op);
  if (!asked) co_return asked.error();
  if (auto denied = denial(caller)) co_return *std::move(denied);
  const auto now = parts.visits.now();
  const Orderer orderer = caller.visit ? Orderer(caller.visit->key()) : std::nullopt;
  if (orderer) {
    const auto wait = parts.budgets.charge_change(parts.config->rate_limits, *orderer, now);
    if (wait) co_return too_many_calls(*wait);
  }
  const auto operation =
      std::make_shared<MemberChange>(std::move(asked->group), orderer, std::move(asked->order));
  const auto worth = co_await is_worth_doing(parts.rows, *operation, now);
  if (!worth) co_return refused(worth.error());
  if (!*worth) co_return no_content();
  // Again: whoever was banned meanwhile changes nothing.
  if (auto denied = denial(caller)) co_return *std::move(denied);
  const auto done = co_await parts.operations.perform(operation);
  co_return done ? no_content() : refused(done.error());
}

}  // namespace

RestAnswer list_members(const RestParts& parts, const relay::HttpRequest& request,
                        const Caller& caller) {
  if (parts.acl) co_return kept_elsewhere();
  const auto asked = parse_page(request.query);
  if (!asked) co_return asked.error();
  const auto id = group_id_of(request.segments[0]);
  if (!id) co_return id.error();
  const auto seen = co_await look_at_group(parts, caller, *id);
  if (!seen) co_return seen.error();
  co_return co_await read_members(parts, caller, *id, *asked);
}

RestAnswer put_member(const RestParts& parts, const relay::HttpRequest& request,
                      const Caller& caller) {
  const auto role = text_in_body(request.body, "role");
  if (!role) co_return role.error();
  if (*role && **role != "admin" && **role != "member")
    co_return bad_request("role is \"admin\" or \"member\"").error();
  const RosterOp op = !*role              ? RosterOp::add
                      : **role == "admin" ? RosterOp::promote
                                          : RosterOp::seat;
  co_return co_await change(parts, request, caller, op);
}

RestAnswer delete_member(const RestParts& parts, const relay::HttpRequest& request,
                         const Caller& caller) {
  co_return co_await change(parts, request, caller, RosterOp::remove);
}

}  // namespace extensions::mls_gateway
