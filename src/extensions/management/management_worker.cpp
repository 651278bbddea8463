#include "extensions/management/management_worker.h"

#include <algorithm>
#include <utility>

#include "extensions/management/http.h"
#include "store/store.h"

namespace extensions::management {
namespace {

using relay::Verdict;

constexpr std::size_t page_rows = 500;

}  // namespace

ManagementWorker::ManagementWorker(const base::Published<Config>& published, Board& board,
                                   relay::WorkerServices services, base::Log log)
    : published_(published),
      board_(board),
      services_(std::move(services)),
      log_(std::move(log)),
      desk_(services_.rows, services_.operations) {
  on_reload();
}

void ManagementWorker::on_reload() {
  config_ = published_.get();
  standing_.configure(*config_);
}

boost::asio::awaitable<bool> ManagementWorker::start() {
  Standing standing;
  std::optional<std::string> after;
  store::Seq seen = 0;
  do {
    auto page = co_await services_.rows.scan_rows(std::string(rows_prefix), after, page_rows);
    if (!page) {
      log_->error("the lists of bans could not be read: {}", page.error().message);
      co_return false;
    }
    for (store::Row& row : page->rows)
      (void)standing.apply({std::move(row.key), std::move(row.value)});
    seen = page->snapshot;
    after = std::move(page->next);
  } while (after);
  standing.configure(*config_);
  standing_ = std::move(standing);
  board_.begin(seen, standing_.announcement());
  co_return true;
}

std::vector<relay::HttpRoute> ManagementWorker::routes(const relay::HttpServices& services) {
  auto rules = [this] {
    return Rules{.admins = admins(*config_),
                 .bounds = {static_cast<std::size_t>(config_->max_entries)}};
  };
  return {management_route(std::move(rules), services.auth, desk_, log_)};
}

std::string_view ManagementWorker::check_connection(const relay::ClientContext& context) {
  return standing_.access().check_connection(context);
}

boost::asio::awaitable<Verdict> ManagementWorker::on_auth(const nostr::PublicKey& key) {
  co_return standing_.access().check_key(key);
}

Verdict ManagementWorker::check_event(const relay::EventContext& context) {
  return standing_.access().check_event(context);
}

Verdict ManagementWorker::check_write(const relay::WriteContext& context) {
  return standing_.access().check_write(context);
}

void ManagementWorker::on_commit(const store::CommitBatch& batch) {
  denied_ = false;
  bool changed = false;
  for (const store::RowChange& change : batch.changes) {
    const auto effect = standing_.apply(change);
    changed |= effect != Standing::Effect::none;
    denied_ |= effect == Standing::Effect::denies;
  }
  if (changed) board_.post(batch.last, standing_.announcement());
  if (denied_) services_.recheck_connections();
}

bool ManagementWorker::may_read(const store::StoredEvent& event, const nostr::Viewer&,
                                const nostr::Filter&) const {
  return !standing_.access().denies(event.event->pubkey);
}

bool ManagementWorker::may_give(const nostr::PublicKey& owner) const {
  return !standing_.access().denies(owner);
}

bool ManagementWorker::narrows(const nostr::Viewer&, const nostr::Filter&) const { return denied_; }

}  // namespace extensions::management
