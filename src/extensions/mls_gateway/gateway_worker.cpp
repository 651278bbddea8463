#include "extensions/mls_gateway/gateway_worker.h"

#include <algorithm>

#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/event_shape.h"
#include "extensions/mls_gateway/key_package_check.h"
#include "extensions/mls_gateway/read_rules.h"
#include "extensions/mls_gateway/rows.h"

namespace extensions::mls_gateway {
namespace {

using relay::Verdict;

/// Rows that were fetched by key, as decide() wants to see them.
class FetchedRows final : public store::RowView {
 public:
  FetchedRows(const std::vector<std::string>& keys,
              const std::vector<std::optional<std::string>>& values)
      : keys_(keys), values_(values) {}

  std::optional<std::string_view> get(std::string_view key) const override {
    const auto found = std::ranges::find(keys_, key);
    if (found == keys_.end()) return std::nullopt;
    const auto& value = values_[static_cast<std::size_t>(found - keys_.begin())];
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
  }

 private:
  const std::vector<std::string>& keys_;
  const std::vector<std::optional<std::string>>& values_;
};

Verdict auth_required() {
  return Verdict::deny(
      "auth-required: what you ask for is delivered to its members or recipients; authenticate "
      "(NIP-42)");
}

Verdict store_failed() {
  return Verdict::deny("error: the relay could not look this up; try again later");
}

}  // namespace

boost::asio::awaitable<Verdict> GatewayWorker::on_auth(const nostr::PublicKey& key) {
  co_return co_await memberships_.join(key) ? Verdict::pass() : store_failed();
}

Verdict GatewayWorker::check_event(const relay::EventContext& context) {
  if (Verdict shape = check_shape(context); shape.denied()) return shape;
  return check_key_package_content(config_, *log_, context);
}

boost::asio::awaitable<Verdict> GatewayWorker::authorize_event(relay::EventContext context) {
  // Events of this connection that are not committed yet may change the answer: leave it to the commit.
  if (context.writes_in_flight > 0) co_return Verdict::pass();
  const Publication publication{context.event, context.viewer, context.now};
  const auto keys = rows_to_decide(publication);
  if (keys.empty()) co_return Verdict::pass();
  const auto values = co_await rows_.get_rows(keys);
  if (!values) co_return store_failed();
  auto decided = decide(config_, publication, FetchedRows(keys, *values));
  if (decided) co_return Verdict::pass();
  co_return Verdict::deny(std::move(decided.error().reason));
}

Verdict GatewayWorker::check_req(const relay::ReqContext& context) {
  if (!context.viewer.anonymous()) return Verdict::pass();
  const bool all_gated = std::ranges::all_of(context.filters, [&](const auto& filter) {
    return anonymous_reach(config_, filter) == Reach::gated;
  });
  return all_gated ? auth_required() : Verdict::pass();
}

boost::asio::awaitable<Verdict> GatewayWorker::authorize_req(relay::ReqContext context) {
  if (!context.viewer.anonymous()) co_return Verdict::pass();
  std::vector<std::string> keys;
  for (const nostr::Filter& filter : context.filters) {
    const Reach reach = anonymous_reach(config_, filter);
    if (reach == Reach::open) co_return Verdict::pass();
    if (reach == Reach::gated) continue;
    for (const auto& group : *filter.tag('h'))
      keys.push_back(group_key(group.substr(0, max_group_id_bytes)));
  }
  const auto rows = co_await rows_.get_rows(std::move(keys));
  if (!rows) co_return store_failed();
  const bool all_gated = std::ranges::all_of(*rows, [](const auto& row) {
    const auto group = row ? decode_group(*row) : std::nullopt;
    return group && group->mode == GroupMode::gated;
  });
  co_return all_gated ? auth_required() : Verdict::pass();
}

bool GatewayWorker::may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                             const nostr::Filter& filter) const {
  return mls_gateway::may_read(config_, memberships_, event, viewer, filter);
}

}  // namespace extensions::mls_gateway
