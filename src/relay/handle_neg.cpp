// NEG-OPEN, NEG-MSG, NEG-CLOSE (NIP-77): admission as for a REQ, then the times and ids of what this viewer may read are
// kept, and compared with what the client has until it closes. See reconciliation.h for what else ends it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "nostr/negentropy.h"
#include "nostr/relay_message.h"
#include "relay/stored_query.h"
#include "relay/worker.h"

namespace relay {
namespace {

namespace negentropy = nostr::negentropy;

// As hex it is twice that: well below what clients take for one message.
constexpr std::size_t max_answer_bytes = 128UL * 1024;

}  // namespace

void Connection::handle(nostr::NegOpenMessage message) {
  end_reconciliation(message.reconciliation);
  const auto& limits = worker_.options().limits;
  if (reconciliations_.size() >= static_cast<std::size_t>(limits.max_reconciliations))
    return refuse_neg(
        message.reconciliation,
        fmt::format("blocked: {} reconciliations are open on this connection; NEG-CLOSE one first",
                    limits.max_reconciliations));
  const auto opened =
      std::make_shared<Reconciliation>(Reconciliation{.connection = *this,
                                                      .id = std::move(message.reconciliation),
                                                      .filters = {std::move(message.filter)}});
  const Verdict verdict =
      worker_.admission().check_req({opened->filters, *viewer_, worker_.now(), peer_});
  if (verdict.denied()) return refuse_neg(opened->id, verdict.reason());
  if (opened->filters.front().searches())
    return refuse_neg(opened->id, "unsupported: a search has an order of its own; ask by REQ");
  reconciliations_.push_back(opened);
  worker_.reconciliations().add(opened);
  // What belongs to it may follow at once, and waits until it was read.
  begin_decision();
  worker_.spawn_with_deadline(
      authorize_reconciliation(shared_from_this(), opened, std::move(message.message)));
}

Connection::Awaitable Connection::authorize_reconciliation(std::shared_ptr<Connection> self,
                                                           ReconciliationPtr opened,
                                                           negentropy::Bytes first) {
  const nostr::ViewerPtr viewer = viewer_;
  const ReqContext context{opened->filters, *viewer, worker_.now(), peer_};
  const Verdict verdict = co_await worker_.admission().authorize_req(context);
  if (!opened->open || verdict.denied()) {
    if (opened->open) refuse_reconciliation(opened->id, verdict.reason());
    end_decision();
    co_return;
  }
  boost::asio::co_spawn(worker_.context(),
                        read_reconciliation(std::move(self), std::move(opened), std::move(first)),
                        boost::asio::detached);
}

Connection::Awaitable Connection::read_reconciliation(std::shared_ptr<Connection> /*alive*/,
                                                      ReconciliationPtr opened,
                                                      negentropy::Bytes first) {
  ++readers_;
  co_await read_items_in_turns(*opened);
  if (opened->open) answer(*opened, first);
  end_reading();
  end_decision();
}

Connection::Awaitable Connection::read_items_in_turns(Reconciliation& opened) {
  co_await turn_to_read(opened.open);
  if (!opened.open) co_return;
  const ReadTurn turn(*this);
  const std::size_t most = room_for_items();
  // One more than there is room for says that there is too much; a smaller `limit` is the client's own.
  StoredQuery stored(worker_.visibility(), opened.filters,
                     {.by_default = most + 1, .at_most = most + 1});
  std::vector<negentropy::Item> items;
  while (!stored.done()) {
    const auto slice = co_await stored.next_slice(viewer_, worker_.now());
    if (!opened.open) co_return;
    if (!slice) {
      worker_.report_failure(slice.error());
      co_return refuse_reconciliation(opened.id, "error: could not be read; try again later");
    }
    for (const auto& event : *slice)
      items.push_back({event.event()->created_at, event.event()->id});
    if (items.size() > most)
      co_return refuse_reconciliation(
          opened.id,
          fmt::format("blocked: more than {} events match; narrow the filter, by time say, or "
                      "NEG-CLOSE what else is open",
                      most),
          most);
    if (!worker_.reconciliations().keep(opened, items.size()))
      co_return refuse_reconciliation(
          opened.id, "blocked: too many are reconciled right now; try again later");
    if (stored.done()) break;  // what waits is judged by what was known before
    co_await room_to_send();
    if (!opened.open) co_return;
  }
  opened.items = negentropy::Items(std::move(items));
}

std::size_t Connection::room_for_items() const {
  std::size_t room = static_cast<std::size_t>(worker_.options().limits.max_sync_events);
  for (const auto& open : reconciliations_) room -= std::min(room, open->kept);
  return room;
}

void Connection::answer(Reconciliation& opened, std::span<const std::uint8_t> message) {
  const auto answer = negentropy::respond(opened.items, message, max_answer_bytes);
  if (!answer)
    return refuse_reconciliation(opened.id,
                                 fmt::format("invalid: {}", negentropy::describe(answer.error())));
  opened.answered = Reconciliation::Clock::now();
  send(nostr::neg_msg_message(opened.id, *answer));
}

void Connection::handle(nostr::NegMsgMessage message) {
  const auto open = find_reconciliation(message.reconciliation);
  if (!open)
    return send(nostr::neg_err_message(message.reconciliation,
                                       "closed: nothing of this id is open; NEG-OPEN it first"));
  if (!worker_.visibility().may_be_behind()) return answer(*open, message.message);
  begin_decision();
  boost::asio::co_spawn(worker_.context(),
                        answer_when_caught_up(shared_from_this(), open, std::move(message.message)),
                        boost::asio::detached);
}

Connection::Awaitable Connection::answer_when_caught_up(std::shared_ptr<Connection> /*alive*/,
                                                        ReconciliationPtr opened,
                                                        negentropy::Bytes message) {
  // A commit that has taken something from this viewer ends it.
  const auto learnt = co_await worker_.visibility().catch_up();
  if (opened->open && learnt) answer(*opened, message);
  if (opened->open && !learnt) {
    worker_.report_failure(learnt.error());
    refuse_reconciliation(opened->id, "error: could not be read; try again later");
  }
  end_decision();
}

void Connection::handle(nostr::NegCloseMessage message) {
  end_reconciliation(message.reconciliation);
}

ReconciliationPtr Connection::find_reconciliation(std::string_view id) {
  const auto found = std::ranges::find(reconciliations_, id,
                                       [](const auto& open) { return std::string_view(open->id); });
  return found == reconciliations_.end() ? nullptr : *found;
}

void Connection::end_reconciliation(std::string_view id) {
  const auto open = find_reconciliation(id);
  if (!open) return;
  open->open = false;
  worker_.reconciliations().remove(*open);
  std::erase(reconciliations_, open);
}

void Connection::refuse_reconciliation(std::string_view id, std::string_view reason,
                                       std::optional<std::uint64_t> max_events) {
  refuse_neg(id, reason, max_events);
  end_reconciliation(id);
}

void Connection::refuse_neg(std::string_view id, std::string_view reason,
                            std::optional<std::uint64_t> max_events) {
  // Others end what was answered before.
  if (!reason.starts_with("closed:"))
    worker_.admission().tell(Refused{ClientVerb::neg_open, reason});
  send(nostr::neg_err_message(id, reason, max_events));
}

}  // namespace relay
