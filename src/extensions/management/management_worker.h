#pragma once
#include "extensions/management/desk.h"
#include "extensions/management/extension.h"

namespace extensions::management {

/// What a worker asks of the lists, and the calls that come to it. Confined to its thread.
class ManagementWorker final : public relay::WorkerExtension {
 public:
  ManagementWorker(const base::Published<Config>& published, Board& board,
                   relay::WorkerServices services, base::Log log);

  boost::asio::awaitable<bool> start() override;
  std::vector<relay::HttpRoute> routes(const relay::HttpServices& services) override;
  void on_reload() override;

  std::string_view check_connection(const relay::ClientContext& context) override;
  boost::asio::awaitable<relay::Verdict> on_auth(const nostr::PublicKey& key) override;
  relay::Verdict check_event(const relay::EventContext& context) override;
  relay::Verdict check_write(const relay::WriteContext& context) override;
  void on_commit(const store::CommitBatch& batch) override;
  bool may_read(const store::StoredEvent& event, const nostr::Viewer& viewer,
                const nostr::Filter& filter) const override;
  bool may_give(const nostr::PublicKey& owner) const override;
  bool narrows(const nostr::Viewer& viewer, const nostr::Filter& filter) const override;

 private:
  const base::Published<Config>& published_;
  Board& board_;
  const relay::WorkerServices services_;
  const base::Log log_;
  std::shared_ptr<const Config> config_;
  Desk desk_;
  Standing standing_;
  bool denied_ = false;  // by the last commit
};

}  // namespace extensions::management
