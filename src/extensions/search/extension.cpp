#include "extensions/search/extension.h"

#include "extensions/search/finder.h"
#include "extensions/search/word_rows.h"

namespace extensions::search {
namespace {

class SearchWorker final : public relay::WorkerExtension {
 public:
  SearchWorker(const base::Published<Config>& published, relay::WorkerServices services)
      : published_(published), config_(published.get()), services_(services) {}

  void on_reload() override { config_ = published_.get(); }

  /// Not a question of who: a search, stored or live, is about the kinds that are searched.
  bool may_read(const store::StoredEvent& stored, const nostr::Viewer&,
                const nostr::Filter& filter) const override {
    return !filter.searches() || config_->finds(stored.event->kind);
  }

  /// No commit changes that.
  bool narrows(const nostr::Viewer&, const nostr::Filter&) const override { return false; }

  boost::asio::awaitable<std::expected<relay::Found, store::StoreError>> find(
      const nostr::Filter& filter) override {
    return search::find(services_.rows, services_.executor, filter,
                        static_cast<std::size_t>(config_->candidates));
  }

 private:
  const base::Published<Config>& published_;
  std::shared_ptr<const Config> config_;
  relay::WorkerServices services_;
};

}  // namespace

std::unique_ptr<relay::WorkerExtension> Search::attach(relay::WorkerServices services) const {
  return std::make_unique<SearchWorker>(config_, services);
}

std::expected<store::Staged, store::Refusal> Search::stage(const store::Write& write,
                                                           const store::RowView&) const {
  const nostr::Kind kind = write.event->kind;
  if (nostr::is_ephemeral(kind) || !config_.get()->finds(kind)) return store::Staged{};
  return store::Staged{.changes = rows_of(*write.event)};
}

std::vector<store::RowChange> Search::stage_erase(const store::StoredEvent& erased,
                                                  const store::RowView&) const {
  // Its kind may have been searched when it came.
  if (is_private(erased.event->kind)) return {};
  return erased_rows_of(*erased.event);
}

}  // namespace extensions::search
