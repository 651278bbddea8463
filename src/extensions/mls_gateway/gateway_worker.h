#pragma once
#include "base/log.h"
#include "extensions/mls_gateway/config.h"
#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/memberships.h"
#include "relay/extension/extension.h"

namespace extensions::mls_gateway {

/// The gateway on one worker: knows the groups of the keys that are proved there. Confined to its worker's thread.
class GatewayWorker final : public relay::WorkerExtension {
 public:
  GatewayWorker(const Config& config, const base::Log& log, store::RowReader& rows)
      : config_(config), log_(log), rows_(rows), memberships_(rows) {}

  boost::asio::awaitable<relay::Verdict> on_auth(const nostr::PublicKey& key) override;
  void on_leave(const nostr::PublicKey& key) override { memberships_.leave(key); }
  relay::Verdict check_event(const relay::EventContext& context) override;
  bool authorizes(const nostr::Event& event) const override { return concerns_rows(event); }
  boost::asio::awaitable<relay::Verdict> authorize_event(relay::EventContext context) override;
  relay::Verdict check_req(const relay::ReqContext& context) override;
  boost::asio::awaitable<relay::Verdict> authorize_req(relay::ReqContext context) override;
  void on_commit(const store::CommitBatch& batch) override { memberships_.apply(batch); }
  bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                const nostr::Filter& filter) const override;

 private:
  const Config& config_;
  const base::Log& log_;
  store::RowReader& rows_;
  Memberships memberships_;
};

}  // namespace extensions::mls_gateway
