#include "extensions/mls_gateway/acl_invalidation.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "extensions/mls_gateway/rest_json.h"
#include "extensions/mls_gateway/rest_query.h"
#include "extensions/mls_gateway/rows.h"
#include "relay/extension/http_refusal.h"

namespace extensions::mls_gateway {
namespace {

constexpr std::string_view prefix = "mls_gateway/a/";
constexpr std::size_t max_body_bytes = 4096;

/// `group` last: it may hold any byte.
std::string key_of(const AclInvalidation& what) {
  std::string key(prefix);
  key += static_cast<char>(what.member.has_value());
  if (what.member) key += what.member->view();
  return key += what.group;
}

class Invalidate final : public store::Operation {
 public:
  explicit Invalidate(std::string key) : key_(std::move(key)) {}
  void reads(store::Reads&) const override {}
  [[nodiscard]] std::expected<Effects, store::Refusal> run(const store::RowView&,
                                                           base::UnixSeconds) const override {
    return Effects{.changes = {{key_, std::nullopt}}};
  }

 private:
  const std::string key_;
};

}  // namespace

std::expected<AclInvalidation, std::string> parse_acl_invalidation(std::string_view body) {
  const std::string wanted =
      "the body is a JSON object, perhaps with group and member (64 lowercase hex characters)";
  if (body.empty()) return AclInvalidation{};
  if (body.size() > max_body_bytes) return std::unexpected(wanted);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(body)).get(object)) return std::unexpected(wanted);
  AclInvalidation what;
  std::string_view text;
  const auto group = object["group"].get(text);
  if (group && group != simdjson::NO_SUCH_FIELD) return std::unexpected(wanted);
  if (!group) what.group = text;
  const auto member = object["member"].get(text);
  if (member == simdjson::NO_SUCH_FIELD) return what;
  if (!member) what.member = base::from_hex<nostr::PublicKey>(text);
  if (!what.member || what.group.empty()) return std::unexpected(wanted);
  return what;
}

bool is_acl_invalidation(const store::RowChange& change) {
  return change.key.starts_with(prefix) && change.key.size() > prefix.size();
}

void apply_acl_invalidation(const store::RowChange& change, AclMembers& members) {
  if (!is_acl_invalidation(change)) return;
  std::string_view rest = change.key;
  rest.remove_prefix(prefix.size());
  const bool of_member = rest.front() != 0;
  rest.remove_prefix(1);
  if (of_member && rest.size() > 32) {
    nostr::PublicKey key;
    std::ranges::copy(rest.substr(0, 32), key.bytes.begin());
    members.forget(rest.substr(32), key);
  } else if (rest.empty()) {
    members.forget_all();
  } else {
    members.forget(rest);
  }
}

RestAnswer invalidate_acl(const RestParts& parts, const relay::HttpRequest& request,
                          const Caller& caller) {
  if (!caller.is_operator())
    co_return relay::http_error(403, "restricted",
                                "this call is for the operator: send a service token "
                                "(Authorization: Bearer)");
  if (!parts.acl)
    co_return relay::http_error(404, "not_found",
                                "membership is not \"acl\" here: there are no answers to drop");
  const auto what = parse_acl_invalidation(request.body);
  if (!what || what->group.size() > max_group_id_bytes)
    co_return bad_request(what ? "the group id is too long" : what.error()).error();
  const auto operation = std::make_shared<Invalidate>(key_of(*what));
  const auto done = co_await parts.operations.perform(operation);
  co_return done ? no_content() : relay::http_refusal(done.error());
}

}  // namespace extensions::mls_gateway
