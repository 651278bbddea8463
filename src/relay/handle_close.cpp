// CLOSE, and every other way a subscription ends.
#include <algorithm>

#include "nostr/relay_message.h"
#include "relay/worker.h"

namespace relay {

void Connection::handle(nostr::CloseMessage message) { end_subscription(message.subscription); }

Subscription* Connection::find(std::string_view id) {
  const auto found = std::ranges::find(subscriptions_, id,
                                       [](const auto& open) { return std::string_view(open->id); });
  return found == subscriptions_.end() ? nullptr : found->get();
}

void Connection::end_subscription(std::string_view id) {
  const auto found = std::ranges::find(subscriptions_, id,
                                       [](const auto& open) { return std::string_view(open->id); });
  if (found == subscriptions_.end()) return;
  (*found)->open = false;
  worker_.subscriptions().remove(**found);
  subscriptions_.erase(found);
  worker_.admission().tell(SubscriptionsChanged{-1});
}

void Connection::close_subscription(const Subscription& subscription, std::string_view reason) {
  refuse_request(ClientVerb::req, subscription.id, reason);
  end_subscription(subscription.id);
}

void Connection::refuse_request(ClientVerb verb, std::string_view id, std::string_view reason) {
  worker_.admission().tell(Refused{verb, reason});
  send(nostr::closed_message(id, reason));
}

}  // namespace relay
