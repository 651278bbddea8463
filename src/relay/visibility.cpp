#include "relay/visibility.h"

#include <algorithm>
#include <iterator>

#include "store/query_order.h"

namespace relay {

Withholding::~Withholding() { visibility_.tell(so_far_); }

void Withholding::add(nostr::Kind kind) {
  if (kind != so_far_.kind) {
    visibility_.tell(so_far_);
    so_far_ = {kind, 0};
  }
  ++so_far_.events;
}

boost::asio::awaitable<std::expected<void, store::StoreError>> Visibility::learn(
    store::Seq snapshot) const {
  std::expected<void, store::StoreError> learnt;
  const bool reached = co_await horizon_.reach(snapshot);
  if (!reached)
    learnt = std::unexpected(store::StoreError{store::StoreError::Code::unavailable,
                                               "not all commits became known in time"});
  co_return learnt;
}

boost::asio::awaitable<std::expected<void, store::StoreError>> Visibility::catch_up() const {
  if (!may_be_behind()) co_return std::expected<void, store::StoreError>{};
  const auto now = co_await store_.scan_rows("relay/", std::nullopt, 1);
  if (!now) co_return std::unexpected(now.error());
  co_return co_await learn(now->snapshot);
}

boost::asio::awaitable<void> Visibility::prepare(std::span<const store::StoredEvent> events,
                                                 nostr::ViewerPtr viewer) const {
  std::vector<store::StoredEvent> open;
  std::ranges::copy_if(events, std::back_inserter(open),
                       [&](const auto& stored) { return admission_.undecided(stored, *viewer); });
  if (!open.empty()) co_await admission_.prepare(std::move(open), std::move(viewer));
}

boost::asio::awaitable<std::expected<std::vector<VisibleEvent>, std::string>> Visibility::hand_out(
    ReqContext context) const {
  auto given = co_await admission_.hand_out(context);
  if (!given) co_return std::unexpected(std::move(given.error()));
  std::ranges::sort(*given, [](const auto& a, const auto& b) {
    return store::QueryOrder{}(store::position_of(*a.event), store::position_of(*b.event));
  });
  std::vector<VisibleEvent> visible;
  // Rules may have changed while it was taken.
  std::erase_if(*given,
                [&](const auto& stored) { return !admission_.may_give(stored.event->pubkey); });
  for (store::StoredEvent& stored : *given)
    visible.push_back(VisibleEvent(std::move(stored.event)));
  co_return visible;
}

}  // namespace relay
