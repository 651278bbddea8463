// REQ: admission, stored events page by page, EOSE, then live from the commit the stored part reached.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "nostr/relay_message.h"
#include "relay/stored_query.h"
#include "relay/worker.h"

namespace relay {

void Connection::handle(nostr::ReqMessage message) {
  const auto read_at = worker_.admission().time();
  end_subscription(message.subscription);
  const std::string refusal = refusal_of(message);
  if (!refusal.empty()) return refuse_request(ClientVerb::req, message.subscription, refusal);

  const auto subscription =
      std::make_shared<Subscription>(Subscription{.connection = *this,
                                                  .id = std::move(message.subscription),
                                                  .head = {},
                                                  .filters = std::move(message.filters)});
  subscription->head =
      std::make_shared<const std::string>(nostr::event_message_head(subscription->id));
  subscriptions_.push_back(subscription);
  worker_.admission().tell(SubscriptionsChanged{1});
  worker_.spawn_with_deadline(authorize(shared_from_this(), subscription, read_at));
}

std::string Connection::refusal_of(const nostr::ReqMessage& message) {
  const auto& limits = worker_.options().limits;
  if (subscriptions_.size() >= static_cast<std::size_t>(limits.max_subscriptions)) {
    return fmt::format("blocked: {} subscriptions are open on this connection; CLOSE one first",
                       limits.max_subscriptions);
  }
  std::size_t values = nostr::value_count_of(message.filters);
  for (const auto& open : subscriptions_) values += nostr::value_count_of(open->filters);
  if (values > static_cast<std::size_t>(limits.max_open_filter_values)) {
    return fmt::format(
        "blocked: the open filters of a connection may name {} values; CLOSE some first",
        limits.max_open_filter_values);
  }
  const Verdict verdict =
      worker_.admission().check_req({message.filters, *viewer_, worker_.now(), peer_});
  return verdict.denied() ? verdict.reason() : "";
}

Connection::Awaitable Connection::authorize(std::shared_ptr<Connection> self,
                                            SubscriptionPtr subscription, Instant read_at) {
  const nostr::ViewerPtr viewer = viewer_;
  const ReqContext context{subscription->filters, *viewer, worker_.now(), peer_};
  const Verdict verdict = co_await worker_.admission().authorize_req(context);
  if (!subscription->open) co_return;
  if (verdict.denied()) {
    close_subscription(*subscription, verdict.reason());
    co_return;
  }
  auto given = co_await worker_.visibility().hand_out(context);
  if (!subscription->open) co_return;
  if (!given) {
    close_subscription(*subscription, given.error());
    co_return;
  }
  boost::asio::co_spawn(
      worker_.context(),
      read_stored(std::move(self), std::move(subscription), *std::move(given), read_at),
      boost::asio::detached);
}

Connection::Awaitable Connection::read_stored(std::shared_ptr<Connection> /*alive*/,
                                              SubscriptionPtr subscription,
                                              std::vector<VisibleEvent> given, Instant read_at) {
  ++readers_;
  co_await read_in_turns(*subscription, std::move(given), read_at);
  end_reading();
}

void Connection::end_reading() {
  --readers_;
  if (readers_ == 0) wake_.reset();
  wake_readers();
  take_input();
}

Connection::Awaitable Connection::read_in_turns(Subscription& subscription,
                                                std::vector<VisibleEvent> given, Instant read_at) {
  const auto& limits = worker_.options().limits;
  co_await turn_to_read(subscription.open);
  if (!subscription.open) co_return;
  const ReadTurn turn(*this);
  subscription.held = std::make_unique<std::vector<HeldEvent>>();
  worker_.subscriptions().add(subscription);
  StoredQuery query(worker_.visibility(), subscription.filters,
                    {.by_default = static_cast<std::uint64_t>(limits.default_limit),
                     .at_most = static_cast<std::uint64_t>(limits.max_limit)},
                    std::move(given));
  while (!query.done()) {
    const auto slice = co_await query.next_slice(viewer_, worker_.now());
    if (!subscription.open) co_return;
    if (!slice) {
      worker_.report_failure(slice.error());
      close_subscription(subscription, "error: stored events could not be read; try again later");
      co_return;
    }
    for (const auto& event : *slice) deliver(subscription, event);
    if (!slice->empty()) worker_.admission().tell(Delivered{Source::stored, slice->size()});
    if (subscription.held->size() >= static_cast<std::size_t>(limits.max_held_live_events)) {
      close_subscription(subscription,
                         "error: too many new events came while stored ones were read; ask again");
      co_return;
    }
    if (query.done()) break;
    co_await room_to_send();
    if (!subscription.open) co_return;
  }
  const bool finished = worker_.options().eose_hints && query.complete();
  send(finished ? nostr::finished_eose_message(subscription.id)
                : nostr::eose_message(subscription.id));
  worker_.admission().tell(Queried{worker_.admission().took(read_at)});
  go_live(subscription, query.snapshot());
}

void Connection::go_live(Subscription& subscription, store::Seq snapshot) {
  subscription.live_after = snapshot;
  const auto held = std::move(subscription.held);
  worker_.offer(*held, subscription);
}

Connection::Awaitable Connection::turn_to_read(const bool& open) {
  co_await room_to_send();
  while (open && reading_ && !closed()) co_await next_wake();
}

Connection::Awaitable Connection::room_to_send() {
  // Others get their turn between two slices, however fast this client reads.
  co_await boost::asio::post(worker_.context(), boost::asio::use_awaitable);
  const auto high_water =
      static_cast<std::size_t>(worker_.options().limits.send_queue_high_water_bytes);
  while (!closed() && outgoing_.bytes() > high_water) co_await next_wake();
}

Connection::Awaitable Connection::next_wake() {
  if (!wake_) {
    wake_ = std::make_unique<boost::asio::steady_timer>(
        worker_.context(), boost::asio::steady_timer::time_point::max());
  }
  boost::system::error_code cancelled;
  co_await wake_->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
}

void Connection::wake_readers() {
  if (wake_) wake_->cancel();
}

}  // namespace relay
