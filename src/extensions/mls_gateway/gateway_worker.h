#pragma once
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/log.h"
#include "base/published.h"
#include "base/repeated.h"
#include "extensions/mls_gateway/acl_members.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/event_budgets.h"
#include "extensions/mls_gateway/memberships.h"
#include "extensions/mls_gateway/read_rules.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// The gateway on one worker: knows the groups of the keys that are proved there. Confined to its worker's thread.
class GatewayWorker final : public relay::WorkerExtension {
 public:
  GatewayWorker(const base::Published<Config>& config, const base::Log& log, EventBudgets& budgets,
                relay::WorkerServices services, std::shared_ptr<AclCounters> counters);

  std::vector<relay::HttpRoute> routes(const relay::HttpServices& services) override;
  boost::asio::awaitable<bool> start() override;
  void stop() override;
  void on_reload() override;
  boost::asio::awaitable<relay::Verdict> on_auth(const nostr::PublicKey& key) override;
  void on_leave(const nostr::PublicKey& key) override;
  relay::Verdict check_event(const relay::EventContext& context) override;
  bool authorizes(const nostr::Event& event) const override;
  boost::asio::awaitable<relay::Verdict> authorize_event(relay::EventContext context) override;
  relay::Verdict check_req(const relay::ReqContext& context) override;
  boost::asio::awaitable<relay::Verdict> authorize_req(relay::ReqContext context) override;
  boost::asio::awaitable<std::expected<std::vector<store::StoredEvent>, std::string>> hand_out(
      relay::ReqContext context) override;
  void on_commit(const store::CommitBatch& batch) override;
  bool undecided(const store::StoredEvent& event, const nostr::Viewer& viewer) const override;
  boost::asio::awaitable<void> prepare(std::vector<store::StoredEvent> events,
                                       nostr::ViewerPtr viewer) override;
  bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                const nostr::Filter& filter) const override;
  bool narrows(const nostr::Viewer& viewer, const nostr::Filter& filter) const override;

 private:
  [[nodiscard]] bool by_acl() const { return acl_ != nullptr; }
  /// What the sidecar says of the publisher, as a Note; 0: an outsider, or no answer.
  boost::asio::awaitable<std::uint8_t> ask_acl(nostr::ViewerPtr viewer, std::string group);
  boost::asio::awaitable<relay::Verdict> authorize_by_rows(relay::EventContext context,
                                                           std::uint8_t note);
  boost::asio::awaitable<relay::Verdict> close_for_anonymous(relay::ReqContext context);
  [[nodiscard]] ReadState read_state() const {
    return {*config_, memberships_, acl_.get(), upgraded_, contact_.get()};
  }

  const base::Published<Config>& published_;
  std::shared_ptr<const Config> config_;
  const base::Log& log_;
  base::Repeated faulty_packages_;  // the line about them
  EventBudgets& budgets_;
  store::RowReader& rows_;
  relay::Operations& operations_;
  boost::asio::any_io_executor executor_;
  std::function<bool(const nostr::PublicKey&)> may_give_;
  Memberships memberships_;
  std::shared_ptr<AclMembers> acl_;  // with membership = "acl"
  UpgradedGroups upgraded_;
  const std::shared_ptr<const relay::StoreContact> contact_;
  std::vector<store::RowChange> losses_;  // of the last commit: what may take events from somebody
};

}  // namespace extensions::mls_gateway
