#include "client/peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "nostr/filter_writer.h"

namespace client {
namespace {

namespace negentropy = nostr::negentropy;

// Well within what relays take for one message, as hex.
constexpr std::size_t max_message_bytes = 60'000;
// What a relay may make us remember and do.
constexpr std::size_t max_ids = 10'000'000;
constexpr int max_rounds = 100'000;

constexpr std::string_view reconciliation = "sync";

std::string hex(const negentropy::Bytes& bytes) {
  return base::to_hex(std::span<const std::uint8_t>(bytes));
}

void sort_once(std::vector<nostr::EventId>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
}

Failure refused(const std::string& reason) {
  const bool in_passing = reason.starts_with("closed:") || reason.starts_with("error:");
  return {fmt::format("the relay refuses: {}", reason), !in_passing};
}

std::string request_for(std::string_view subscription, nostr::Filter filter,
                        std::span<const nostr::EventId> ids) {
  filter.ids.emplace(ids.begin(), ids.end());
  filter.limit = ids.size();
  return fmt::format(R"(["REQ","{}",{}])", subscription, nostr::filter_json(filter));
}

}  // namespace

Outcome<std::unique_ptr<Peer>> Peer::connect(std::string_view url, WebSocket::Options options) {
  if (!WebSocket::is_url(url))
    co_return std::unexpected(
        Failure{"not the URL of a relay; write it like \"wss://relay.example.com\"", true});
  auto socket = co_await WebSocket::connect(url, options);
  if (!socket) co_return std::unexpected(Failure{std::move(socket.error())});
  co_return std::unique_ptr<Peer>(new Peer(std::move(*socket)));
}

Outcome<negentropy::Difference> Peer::reconcile(std::string_view filter,
                                                const negentropy::Items& items) {
  negentropy::Difference difference;
  std::optional<negentropy::Bytes> next = negentropy::initiate(items);
  std::string message =
      fmt::format(R"(["NEG-OPEN","{}",{},"{}"])", reconciliation, filter, hex(*next));
  for (int round = 0; next; ++round) {
    if (auto sent = co_await send(std::move(message)); !sent)
      co_return std::unexpected(std::move(sent.error()));
    const auto answer = co_await next_neg_message();
    if (!answer) co_return std::unexpected(answer.error());
    auto resumed = negentropy::resume(items, *answer, max_message_bytes, difference);
    if (!resumed) co_return std::unexpected(Failure{std::string(describe(resumed.error())), true});
    if (round == max_rounds || difference.need.size() > max_ids ||
        difference.have.size() > items.size())
      co_return std::unexpected(Failure{"the relay goes on and on about the same events", true});
    next = *std::move(resumed);
    if (next) message = fmt::format(R"(["NEG-MSG","{}","{}"])", reconciliation, hex(*next));
  }
  if (auto sent = co_await send(fmt::format(R"(["NEG-CLOSE","{}"])", reconciliation)); !sent)
    co_return std::unexpected(std::move(sent.error()));
  sort_once(difference.have);
  sort_once(difference.need);
  co_return difference;
}

Outcome<negentropy::Bytes> Peer::next_neg_message() {
  while (true) {
    auto answer = co_await receive();
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    if (auto* message = std::get_if<nostr::NegMsgAnswer>(&*answer))
      co_return std::move(message->message);
    if (const auto* refusal = std::get_if<nostr::NegErrAnswer>(&*answer))
      co_return std::unexpected(refused(refusal->reason));
    if (const auto* notice = std::get_if<nostr::NoticeAnswer>(&*answer))
      co_return std::unexpected(Failure{
          fmt::format("the relay does not reconcile (NIP-77); it says: {}", notice->text), true});
  }
}

Outcome<std::vector<nostr::Event>> Peer::fetch(const nostr::Filter& filter,
                                               std::span<const nostr::EventId> ids) {
  const std::string subscription = fmt::format("sync-{}", ++fetches_);
  std::string request = request_for(subscription, filter, ids);
  auto sent = co_await send(std::move(request));
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  std::set<nostr::EventId> wanted(ids.begin(), ids.end());
  std::vector<nostr::Event> events;
  while (true) {
    auto answer = co_await receive();
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    if (auto* given = std::get_if<nostr::EventAnswer>(&*answer)) {
      if (given->subscription == subscription && wanted.erase(given->event.id) == 1)
        events.push_back(std::move(given->event));
    } else if (const auto* end = std::get_if<nostr::EoseAnswer>(&*answer)) {
      if (end->subscription == subscription) break;
    } else if (const auto* refusal = std::get_if<nostr::ClosedAnswer>(&*answer)) {
      if (refusal->subscription == subscription)
        co_return std::unexpected(refused(refusal->reason));
    }
  }
  sent = co_await send(fmt::format(R"(["CLOSE","{}"])", subscription));
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  co_return events;
}

Outcome<std::vector<Verdict>> Peer::publish(std::span<const nostr::EventPtr> events) {
  std::map<std::string, nostr::EventId> waiting;
  for (const auto& event : events) {
    waiting.emplace(base::to_hex(event->id), event->id);
    auto sent = co_await send(fmt::format(R"(["EVENT",{}])", event->json));
    if (!sent) co_return std::unexpected(std::move(sent.error()));
  }
  std::vector<Verdict> verdicts;
  while (!waiting.empty()) {
    auto answer = co_await receive();
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    auto* ok = std::get_if<nostr::OkAnswer>(&*answer);
    const auto found = ok ? waiting.find(ok->event_id) : waiting.end();
    if (found == waiting.end()) continue;
    verdicts.push_back({found->second, ok->accepted, std::move(ok->reason)});
    waiting.erase(found);
  }
  co_return verdicts;
}

Outcome<void> Peer::send(std::string text) {
  auto sent = co_await socket_->send(text);
  if (!sent) co_return std::unexpected(Failure{std::move(sent.error())});
  co_return std::expected<void, Failure>{};
}

Outcome<nostr::RelayAnswer> Peer::receive() {
  auto text = co_await socket_->receive();
  if (!text) co_return std::unexpected(Failure{std::move(text.error())});
  auto answer = reader_.read(*text);
  if (!answer)
    co_return std::unexpected(
        Failure{fmt::format("the relay says what is no message: {}", answer.error()), true});
  co_return *std::move(answer);
}

}  // namespace client
