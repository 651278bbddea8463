#include "extensions/mls_gateway/gateway_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "extensions/mls_gateway/acl_client.h"
#include "extensions/mls_gateway/acl_invalidation.h"
#include "extensions/mls_gateway/acl_log.h"
#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/event_shape.h"
#include "extensions/mls_gateway/fetched_rows.h"
#include "extensions/mls_gateway/group_draft.h"
#include "extensions/mls_gateway/groups.h"
#include "extensions/mls_gateway/hand_out.h"
#include "extensions/mls_gateway/key_package_check.h"
#include "extensions/mls_gateway/key_package_pool.h"
#include "extensions/mls_gateway/rest.h"
#include "extensions/mls_gateway/rows.h"
#include "extensions/mls_gateway/worth_doing.h"
#include "nostr/kinds.h"

namespace extensions::mls_gateway {
namespace {

using relay::Verdict;

// One REQ asks the sidecar no more than this ahead; what else it matches is asked when it is met.
constexpr std::size_t max_asked_ahead = 1000;

Verdict auth_required() {
  return Verdict::deny(
      "auth-required: what you ask for is delivered to its members or recipients; authenticate "
      "(NIP-42)");
}

/// Somebody may have read until now what is for members, or for other members, from now on.
bool takes_away(const store::RowChange& change) {
  return parse_upgrade_key(change.key) || is_acl_invalidation(change) ||
         (parse_membership_key(change.key) && !change.value);
}

Verdict store_failed() {
  return Verdict::deny("error: the relay could not look this up; try again later");
}

std::shared_ptr<AclMembers> make_acl(const Config& config, const base::Log& log,
                                     const boost::asio::any_io_executor& executor,
                                     std::shared_ptr<AclCounters> counters) {
  if (config.membership != "acl") return nullptr;
  const auto url = parse_acl_url(config.acl_url);
  auto ask =
      url ? make_acl_client(executor, {.url = *url,
                                       .timeout = std::chrono::milliseconds(config.acl_timeout_ms),
                                       .token = config.acl_token})
          : std::unexpected(url.error());
  if (!ask) {
    log->error("the sidecar of membership = \"acl\" cannot be asked: {}", ask.error());
    return nullptr;
  }
  return AclMembers::make(
      executor, with_warnings(*std::move(ask), log),
      {.cache_ttl = std::chrono::seconds(config.group_cache_ttl), .counters = std::move(counters)});
}

}  // namespace

GatewayWorker::GatewayWorker(const base::Published<Config>& config, const base::Log& log,
                             EventBudgets& budgets, relay::WorkerServices services,
                             std::shared_ptr<AclCounters> counters)
    : published_(config),
      config_(config.get()),
      log_(log),
      budgets_(budgets),
      rows_(services.rows),
      operations_(services.operations),
      executor_(services.executor),
      may_give_(std::move(services.may_give)),
      memberships_(services.rows),
      acl_(make_acl(*config_, log, services.executor, std::move(counters))),
      contact_(std::move(services.contact)) {}

void GatewayWorker::on_reload() { config_ = published_.get(); }

std::vector<relay::HttpRoute> GatewayWorker::routes(const relay::HttpServices& services) {
  if (!config_->enable_api) return {};
  return rest_routes({.config = config_,
                      .rows = rows_,
                      .operations = operations_,
                      .budgets = budgets_,
                      .acl = acl_.get(),
                      .visits = services.visits,
                      .executor = executor_,
                      .may_give = may_give_});
}

boost::asio::awaitable<bool> GatewayWorker::start() {
  if (config_->membership == "acl" && !acl_) co_return false;
  memberships_.forget();
  if (by_acl()) acl_->forget_all();
  constexpr std::size_t page_rows = 1000;
  UpgradedGroups upgraded;
  std::optional<std::string> after;
  do {
    auto page = co_await rows_.scan_rows(std::string(all_upgrades), after, page_rows);
    if (!page) co_return false;
    for (const store::Row& row : page->rows) upgraded.emplace(*parse_upgrade_key(row.key));
    after = std::move(page->next);
  } while (after);
  upgraded_ = std::move(upgraded);
  co_return true;
}

boost::asio::awaitable<Verdict> GatewayWorker::on_auth(const nostr::PublicKey& key) {
  if (by_acl()) {
    acl_->join(key);
    co_return Verdict::pass();
  }
  co_return co_await memberships_.join(key) ? Verdict::pass() : store_failed();
}

void GatewayWorker::stop() {
  if (by_acl()) acl_->stop();
}

void GatewayWorker::on_leave(const nostr::PublicKey& key) {
  if (by_acl())
    acl_->leave(key);
  else
    memberships_.leave(key);
}

Verdict GatewayWorker::check_event(const relay::EventContext& context) {
  if (Verdict charged = budgets_.charge(config_->rate_limits, context); charged.denied())
    return charged;
  if (Verdict shape = check_shape(*config_, context); shape.denied()) return shape;
  return check_key_package_content(*config_, log_, faulty_packages_, context);
}

bool GatewayWorker::authorizes(const nostr::Event& event) const { return decides_by_key(event); }

boost::asio::awaitable<Verdict> GatewayWorker::authorize_event(relay::EventContext context) {
  std::uint8_t note = 0;
  const bool of_group = !is_key_package(context.event);  // else a 445, or a 1059 with `h`
  if (by_acl() && of_group && !context.viewer.anonymous())
    note = co_await ask_acl(std::make_shared<nostr::Viewer>(context.viewer),
                            std::string(group_id(context.event)));
  // Events of this connection that are not committed yet may change the answer: leave it to the commit.
  if (context.writes_in_flight > 0) co_return Verdict::pass_with(note);
  co_return co_await authorize_by_rows(context, note);
}

boost::asio::awaitable<std::uint8_t> GatewayWorker::ask_acl(nostr::ViewerPtr viewer,
                                                            std::string group) {
  std::vector<AclPair> pairs;
  for (const auto& key : viewer->keys) pairs.push_back({key, group});
  co_await acl_->ask_all(std::move(pairs));
  std::uint8_t note = 0;
  for (const auto& key : viewer->keys) {
    const Standing standing = co_await acl_->ask(key, group);
    if (is_inside(standing)) note |= Note::member_by_acl;
    if (standing == Standing::admin) note |= Note::admin_by_acl;
  }
  co_return note;
}

boost::asio::awaitable<Verdict> GatewayWorker::authorize_by_rows(relay::EventContext context,
                                                                 std::uint8_t note) {
  const Publication publication{context.event, context.viewer, context.now, note};
  store::Reads reads;
  rows_to_decide(publication, reads);
  const auto values = co_await rows_.get_rows(reads.keys);
  if (!values) co_return store_failed();
  auto decided = decide(*config_, publication, FetchedRows(reads.keys, *values));
  if (decided) co_return Verdict::pass_with(note);
  co_return Verdict::deny(std::move(decided.error().reason));
}

Verdict GatewayWorker::check_req(const relay::ReqContext& context) {
  if (!context.viewer.anonymous()) return Verdict::pass();
  const bool all_gated = std::ranges::all_of(context.filters, [&](const auto& filter) {
    return anonymous_reach(*config_, filter) == Reach::gated;
  });
  return all_gated ? auth_required() : Verdict::pass();
}

boost::asio::awaitable<Verdict> GatewayWorker::authorize_req(relay::ReqContext context) {
  if (context.viewer.anonymous()) co_return co_await close_for_anonymous(context);
  if (!by_acl()) co_return Verdict::pass();
  std::vector<AclPair> pairs;
  for (const nostr::Filter& filter : context.filters) {
    for (const auto& group : groups_asked_for(filter)) {
      for (const auto& key : context.viewer.keys) pairs.push_back({key, group});
    }
  }
  if (pairs.size() > max_asked_ahead) pairs.resize(max_asked_ahead);
  co_await acl_->ask_all(std::move(pairs));
  co_return Verdict::pass();
}

boost::asio::awaitable<Verdict> GatewayWorker::close_for_anonymous(relay::ReqContext context) {
  std::vector<std::string> keys;
  for (const nostr::Filter& filter : context.filters) {
    const Reach reach = anonymous_reach(*config_, filter);
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

boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>>
GatewayWorker::hand_out(relay::ReqContext context) {
  std::vector<store::StoredEvent> none;
  if (config_->keypackage_delivery != "single_use" || context.viewer.anonymous()) co_return none;
  std::vector<nostr::PublicKey> owners;
  for (const nostr::Filter& filter : context.filters) {
    std::vector<nostr::PublicKey> asked = owners_asked_for(filter);
    if (filter.limit && asked.size() > *filter.limit) asked.resize(*filter.limit);
    std::ranges::move(asked, std::back_inserter(owners));
  }
  std::ranges::sort(owners);
  owners.erase(std::ranges::unique(owners).begin(), owners.end());
  // Whoever asks for its own packages is shown all of them.
  std::erase_if(
      owners, [&](const auto& owner) { return context.viewer.proves(owner) || !may_give_(owner); });
  if (owners.empty()) co_return none;
  if (owners.size() > max_owners_per_request)
    co_return std::unexpected(fmt::format(
        "blocked: a request for key packages names {} owners at most", max_owners_per_request));
  const nostr::PublicKey requester = context.viewer.keys.front();
  const auto order = std::make_shared<HandOut>(requester, std::move(owners));
  const auto worth = co_await is_worth_doing(rows_, *order, context.now);
  if (!worth) co_return std::unexpected(worth.error());
  if (!*worth) co_return none;
  co_return co_await operations_.perform(order);
}

void GatewayWorker::on_commit(const store::CommitBatch& batch) {
  memberships_.apply(batch);
  losses_.clear();
  for (const store::RowChange& change : batch.changes) {
    if (takes_away(change)) losses_.push_back(change);
    if (const auto group = parse_upgrade_key(change.key)) upgraded_.emplace(*group);
    if (by_acl()) apply_acl_invalidation(change, *acl_);
  }
}

bool GatewayWorker::undecided(const store::StoredEvent& event, const nostr::Viewer& viewer) const {
  if (!is_for_members(upgraded_, event)) return false;
  if (!knows_members(read_state())) return true;
  const std::string_view group = group_id(*event.event);
  if (!by_acl()) return memberships_.undecided(viewer, group);
  const auto now = std::chrono::steady_clock::now();
  return std::ranges::any_of(viewer.keys, [&](const auto& key) {
    return acl_->known(key, group, now) == Standing::unknown;
  });
}

boost::asio::awaitable<void> GatewayWorker::prepare(std::vector<store::StoredEvent> events,
                                                    nostr::ViewerPtr viewer) {
  std::set<std::string_view> groups;
  for (const auto& event : events) groups.insert(group_id(*event.event));
  if (!by_acl()) {
    co_await memberships_.look_up(viewer, {groups.begin(), groups.end()});
    co_return;
  }
  std::vector<AclPair> pairs;
  for (const auto group : groups) {
    for (const auto& key : viewer->keys) pairs.push_back({key, std::string(group)});
  }
  co_await acl_->ask_all(std::move(pairs));
}

bool GatewayWorker::may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                             const nostr::Filter& filter) const {
  return mls_gateway::may_read(read_state(), event, viewer, filter);
}

bool GatewayWorker::narrows(const nostr::Viewer& viewer, const nostr::Filter& filter) const {
  return std::ranges::any_of(losses_, [&](const store::RowChange& change) {
    // What was a capability group was read by naming it.
    if (const auto upgraded = parse_upgrade_key(change.key))
      return filter.tag('h') && reaches_group(filter, *upgraded);
    const auto membership = parse_membership_key(change.key);
    return !membership ||
           (viewer.proves(membership->first) && reaches_group(filter, membership->second));
  });
}

}  // namespace extensions::mls_gateway
