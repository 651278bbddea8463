// COUNT (NIP-45): admission as for a REQ, then the stored events that this viewer may read are counted, page by page.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "nostr/hyperloglog.h"
#include "nostr/relay_message.h"
#include "relay/stored_query.h"
#include "relay/worker.h"

namespace relay {

void Connection::handle(nostr::CountMessage message) {
  if (!worker_.options().offer_count)
    return refuse_request(ClientVerb::count, message.query,
                          "unsupported: this relay does not count (NIP-45)");
  // Not filed among the subscriptions: a count may bear the id of one.
  const auto query =
      std::make_shared<Subscription>(Subscription{.connection = *this,
                                                  .id = std::move(message.query),
                                                  .head = {},
                                                  .filters = std::move(message.filters)});
  for (nostr::Filter& filter : query->filters) filter.limit.reset();
  const Verdict verdict =
      worker_.admission().check_req({query->filters, *viewer_, worker_.now(), peer_});
  if (verdict.denied()) return refuse_request(ClientVerb::count, query->id, verdict.reason());
  // One count at a time: what waits to be counted would only take memory.
  begin_decision();
  worker_.spawn_with_deadline(authorize_count(shared_from_this(), query));
}

Connection::Awaitable Connection::authorize_count(std::shared_ptr<Connection> self,
                                                  SubscriptionPtr query) {
  const nostr::ViewerPtr viewer = viewer_;
  const ReqContext context{query->filters, *viewer, worker_.now(), peer_};
  const Verdict verdict = co_await worker_.admission().authorize_req(context);
  if (verdict.denied()) {
    refuse_request(ClientVerb::count, query->id, verdict.reason());
    end_decision();
    co_return;
  }
  boost::asio::co_spawn(worker_.context(), count(std::move(self), std::move(query)),
                        boost::asio::detached);
}

Connection::Awaitable Connection::count(std::shared_ptr<Connection> /*alive*/,
                                        SubscriptionPtr query) {
  ++readers_;
  co_await count_in_turns(*query);
  end_reading();
  end_decision();
}

Connection::Awaitable Connection::count_in_turns(Subscription& query) {
  co_await turn_to_read(query.open);
  if (closed()) co_return;
  const ReadTurn turn(*this);
  const auto most = static_cast<std::uint64_t>(worker_.options().limits.max_count);
  StoredQuery stored(worker_.visibility(), query.filters, {.by_default = most, .at_most = most});
  std::uint64_t total = 0;
  std::optional<nostr::HyperLogLog> authors;
  if (const auto offset = nostr::HyperLogLog::offset_of(query.filters)) authors.emplace(*offset);
  while (!stored.done()) {
    const auto slice = co_await stored.next_slice(viewer_, worker_.now());
    if (!slice) {
      worker_.report_failure(slice.error());
      co_return refuse_request(ClientVerb::count, query.id,
                               "error: could not be counted; try again later");
    }
    total += slice->size();
    if (authors)
      for (const auto& event : *slice) authors->add(event.event()->pubkey);
    if (stored.done()) break;  // what waits is judged by what was known before
    co_await room_to_send();
    if (closed()) co_return;
  }
  // A sketch of a part would be merged as if it were the whole.
  const std::string hll = authors && !stored.cut() ? authors->hex() : "";
  send(nostr::count_message(query.id, total, stored.cut(), hll));
}

}  // namespace relay
