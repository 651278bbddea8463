#include "extensions/mls_gateway/extension.h"

#include <iterator>

#include "extensions/mls_gateway/decision.h"
#include "extensions/mls_gateway/gateway_worker.h"

namespace extensions::mls_gateway {
namespace {

Publication publication_of(const store::Write& write) {
  return {*write.event, *write.viewer, write.received_at, write.note, write.vanishes};
}

void append(std::vector<std::string>& keys, std::vector<std::string> more) {
  keys.insert(keys.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

}  // namespace

relay::Phases MlsGateway::phases() const {
  using enum relay::Phase;
  return on_auth | check_event | authorize_event | stage_write | on_commit | check_req |
         authorize_req | hand_out | prepare | may_read | observe;
}

std::unique_ptr<relay::WorkerExtension> MlsGateway::attach(relay::WorkerServices services) const {
  return std::make_unique<GatewayWorker>(config_, log_, budgets_, services, figures_.sidecar());
}

void MlsGateway::reads(const store::Write& write, store::Reads& reads) const {
  store::Reads mine;
  rows_to_decide(publication_of(write), mine);
  append(reads.keys, std::move(mine.keys));
  append(reads.prefixes, std::move(mine.prefixes));
}

std::expected<store::Staged, store::Refusal> MlsGateway::stage(const store::Write& write,
                                                               const store::RowView& rows) const {
  return decide(*config_.get(), publication_of(write), rows);
}

void MlsGateway::erase_reads(const store::StoredEvent& erased, store::Reads& reads) const {
  append(reads.keys, rows_to_erase(*erased.event));
}

std::vector<store::RowChange> MlsGateway::stage_erase(const store::StoredEvent& erased,
                                                      const store::RowView& rows) const {
  return decide_erase(erased, rows);
}

}  // namespace extensions::mls_gateway
