#include "client/synchronize.h"

#include <fmt/format.h>

#include <algorithm>

namespace client {
namespace {

// As many ids as every relay takes in one filter, as many events as one is sent before its OKs are awaited.
constexpr std::size_t chunk_events = 100;

using Ids = std::vector<nostr::EventId>;
using Refused = std::map<nostr::EventId, std::string>;

bool is_superseded(const Verdict& verdict) {
  return !verdict.accepted &&
         (verdict.reason.starts_with("duplicate:") || verdict.reason.starts_with("replaced:"));
}

void count(std::vector<Verdict> verdicts, std::size_t& taken, Refused& refused, Report& report) {
  for (Verdict& verdict : verdicts) {
    if (verdict.accepted)
      ++taken;
    else if (is_superseded(verdict))
      ++report.superseded;
    else
      refused.emplace(verdict.id, std::move(verdict.reason));
  }
}

std::span<const nostr::EventId> chunk_of(const Ids& ids, std::size_t from) {
  return std::span(ids).subspan(from, std::min(chunk_events, ids.size() - from));
}

Outcome<void> download(Peer& peer, Local& local, const Ids& ids, const Request& request,
                       Report& report) {
  for (std::size_t from = 0; from < ids.size(); from += chunk_events) {
    const auto wanted = chunk_of(ids, from);
    const auto events = co_await peer.fetch(request.parsed, wanted);
    if (!events) co_return std::unexpected(events.error());
    report.withheld.insert(wanted.begin(), wanted.end());
    for (const auto& event : *events) report.withheld.erase(event.id);
    auto verdicts = co_await local.append(*events);
    if (!verdicts) co_return std::unexpected(std::move(verdicts.error()));
    count(*std::move(verdicts), report.stored, report.refused_here, report);
    request.say(fmt::format("fetched {} of {}", from + wanted.size(), ids.size()));
  }
  co_return std::expected<void, Failure>{};
}

Outcome<void> upload(Peer& peer, Local& local, const Ids& ids, const Request& request,
                     Report& report) {
  for (std::size_t from = 0; from < ids.size(); from += chunk_events) {
    const auto offered = chunk_of(ids, from);
    // What came down meanwhile may have replaced some.
    const auto events = co_await local.events(offered);
    if (!events) co_return std::unexpected(events.error());
    auto verdicts = co_await peer.publish(*events);
    if (!verdicts) co_return std::unexpected(std::move(verdicts.error()));
    count(*std::move(verdicts), report.sent, report.refused_there, report);
    request.say(fmt::format("sent {} of {}", from + offered.size(), ids.size()));
  }
  co_return std::expected<void, Failure>{};
}

void drop_refused(Ids& ids, const Refused& refused) {
  std::erase_if(ids, [&](const auto& id) { return refused.contains(id); });
}

}  // namespace

Outcome<void> synchronize(Peer& peer, Local& local, const Request& request, Report& report) {
  const auto items = co_await local.items();
  if (!items) co_return std::unexpected(items.error());
  auto difference = co_await peer.reconcile(request.filter, *items);
  if (!difference) co_return std::unexpected(std::move(difference.error()));
  report.withheld.clear();
  drop_refused(difference->need, report.refused_here);
  drop_refused(difference->have, report.refused_there);
  request.say(fmt::format("{} events here; only here {}, only there {}", items->size(),
                          difference->have.size(), difference->need.size()));
  if (request.direction != Direction::up) {
    auto done = co_await download(peer, local, difference->need, request, report);
    if (!done) co_return done;
  }
  if (request.direction != Direction::down)
    co_return co_await upload(peer, local, difference->have, request, report);
  co_return std::expected<void, Failure>{};
}

}  // namespace client
