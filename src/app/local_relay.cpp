#include "app/local_relay.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/relay_process.h"
#include "relay/stored_query.h"

namespace app {
namespace {

using client::Failure;
using client::Outcome;

// What one run may compare: 400 MB.
constexpr std::uint64_t max_events = 10'000'000;
constexpr std::size_t padding_bytes = 64;  // Session::on_message

Failure failed(const std::string& what) { return {"the store here: " + what, true}; }

}  // namespace

LocalRelay::LocalRelay(const Settings& settings, std::unique_ptr<store::Store> store,
                       nostr::Filter filter, boost::asio::io_context& context, const base::Log& log)
    : settings_(without_rations(settings)),
      store_(std::move(store)),
      filter_(std::move(filter)),
      extensions_(Parts(settings_, log).all()),
      staging_(extensions_),
      options_{.limits = settings_.core.limits,
               .offer_auth = false,
               .auth_urls = settings_.core.auth.relay_urls},
      writer_(*store_, staging_, options_.limits, options_.clock, log),
      worker_(0, context, options_, *store_, writer_, extensions_, log),
      woken_(context, boost::asio::steady_timer::time_point::max()) {}

LocalRelay::~LocalRelay() {
  if (session_) session_->on_closed();
  worker_.stop();
  writer_.stop();
}

Outcome<void> LocalRelay::start() {
  const auto info = co_await store_->info();
  if (!info) co_return std::unexpected(failed(info.error().message));
  worker_.begin_at(info->last);
  if (!co_await worker_.start())
    co_return std::unexpected(failed("the extensions could not load what they keep in it"));
  writer_.start(
      1, [this](std::size_t, relay::WorkerMessage message) { worker_.post(std::move(message)); });
  session_ = worker_.open(*this);
  session_->start();
  co_return std::expected<void, Failure>{};
}

Outcome<nostr::negentropy::Items> LocalRelay::items() {
  const auto anonymous = std::make_shared<const nostr::Viewer>();
  const std::vector<nostr::Filter> filters{filter_};
  relay::StoredQuery stored(worker_.visibility(), filters,
                            {.by_default = max_events, .at_most = max_events});
  std::vector<nostr::negentropy::Item> items;
  while (!stored.done()) {
    const auto slice = co_await stored.next_slice(anonymous, worker_.now());
    if (!slice) co_return std::unexpected(failed(slice.error().message));
    for (const auto& event : *slice)
      items.push_back({event.event()->created_at, event.event()->id});
  }
  if (items.size() == max_events && !filter_.limit)
    co_return std::unexpected(
        Failure{fmt::format("{} events match, more than one run takes; narrow the filter, by time "
                            "say",
                            max_events),
                true});
  co_return nostr::negentropy::Items(std::move(items));
}

Outcome<std::vector<nostr::EventPtr>> LocalRelay::events(std::span<const nostr::EventId> ids) {
  const auto anonymous = std::make_shared<const nostr::Viewer>();
  // The filter's other parts stay: a group's messages are read by naming it.
  std::vector<nostr::Filter> filters{filter_};
  filters[0].ids.emplace(ids.begin(), ids.end());
  filters[0].limit.reset();
  std::ranges::sort(*filters[0].ids);
  relay::StoredQuery stored(worker_.visibility(), filters,
                            {.by_default = ids.size(), .at_most = ids.size()});
  std::vector<nostr::EventPtr> events;
  while (!stored.done()) {
    const auto slice = co_await stored.next_slice(anonymous, worker_.now());
    if (!slice) co_return std::unexpected(failed(slice.error().message));
    for (const auto& event : *slice) events.push_back(event.event());
  }
  co_return events;
}

Outcome<std::vector<client::Verdict>> LocalRelay::append(std::span<const nostr::Event> events) {
  std::vector<client::Verdict> verdicts;
  for (const auto& event : events) {
    while (waits_ && !closed_) co_await next_wake();
    std::string text = fmt::format(R"(["EVENT",{}])", event.json);
    const std::size_t size = text.size();
    text.append(padding_bytes, '\0');
    waits_ =
        session_->on_message(std::string_view(text).substr(0, size)) == relay::Session::Flow::wait;
    collect(verdicts);
  }
  while (verdicts.size() < events.size() && !closed_) {
    co_await next_wake();
    collect(verdicts);
  }
  if (closed_) co_return std::unexpected(failed("too much waits to be answered"));
  co_return verdicts;
}

void LocalRelay::collect(std::vector<client::Verdict>& verdicts) {
  relay::SendQueue& queue = session_->outgoing();
  if (queue.empty()) return;
  for (const relay::Outgoing& message : queue.messages()) {
    auto answer = reader_.read(*message.head);
    auto* ok = answer ? std::get_if<nostr::OkAnswer>(&*answer) : nullptr;
    if (const auto id = ok ? base::from_hex<nostr::EventId>(ok->event_id) : std::nullopt)
      verdicts.push_back({*id, ok->accepted, std::move(ok->reason)});
  }
  queue.pop_front(queue.messages().size());
  session_->on_sent();
}

void LocalRelay::resume() {
  waits_ = false;
  woken_.cancel();
}

void LocalRelay::close(relay::CloseReason) {
  closed_ = true;
  woken_.cancel();
}

boost::asio::awaitable<void> LocalRelay::next_wake() {
  boost::system::error_code cancelled;
  co_await woken_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
}

}  // namespace app
