#include "store/removal.h"

#include <utility>

namespace store {
namespace {

class RemoveEvents final : public Operation {
 public:
  explicit RemoveEvents(Effects effects) : effects_(std::move(effects)) {}
  void reads(Reads&) const override {}
  [[nodiscard]] std::expected<Effects, Refusal> run(const RowView&,
                                                    base::UnixSeconds) const override {
    return effects_;
  }

 private:
  const Effects effects_;
};

}  // namespace

boost::asio::awaitable<std::expected<Removed, StoreError>> remove_page(
    Store& store, PageRequest request, const std::function<bool(const nostr::Event&)>& chosen,
    const Stager& stager) {
  const auto page = co_await store.query(request);
  if (!page) co_return std::unexpected(page.error());
  Removed removed{.events = 0, .batch = nullptr, .next = page->next};
  Operation::Effects effects;
  for (const StoredEvent& stored : page->events) {
    if (chosen(*stored.event)) effects.picks.push_back({.id = stored.event->id, .take = true});
  }
  if (effects.picks.empty()) co_return removed;
  const auto performed =
      co_await store.perform(RemoveEvents(std::move(effects)), request.now, stager);
  if (!performed) co_return std::unexpected(performed.error());
  removed.events = performed->outcome ? performed->outcome->size() : 0;
  removed.batch = performed->batch;
  co_return removed;
}

}  // namespace store
