#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "app/commands.h"
#include "app/exit_code.h"
#include "app/local_relay.h"
#include "app/logger.h"
#include "app/store_access.h"
#include "nostr/client_message.h"
#include "nostr/relay_message.h"

namespace app {
namespace {

using std::chrono::seconds;

constexpr int max_attempts = 4;  // in a row without an event moved

void say(std::string_view text) { fmt::print(stderr, "{}\n", text); }

std::optional<client::Direction> direction_of(const std::string& name) {
  if (name == "both") return client::Direction::both;
  if (name == "down") return client::Direction::down;
  if (name == "up") return client::Direction::up;
  return std::nullopt;
}

client::Outcome<void> attempt(const SyncCommand& command, const client::Request& request,
                              LocalRelay& local, client::Report& report) {
  auto peer = co_await client::Peer::connect(command.url, {.timeout = seconds(command.timeout_s)});
  if (!peer) co_return std::unexpected(std::move(peer.error()));
  auto done = co_await client::synchronize(**peer, local, request, report);
  if (done) co_await (*peer)->close();
  co_return done;
}

/// Attempts until one comes to its end, or nothing but waiting would be left.
client::Outcome<void> run(const SyncCommand& command, const client::Request& request,
                          LocalRelay& local, client::Report& report,
                          boost::asio::io_context& context) {
  if (auto started = co_await local.start(); !started) co_return started;
  for (int failures = 0;;) {
    const std::size_t before = report.stored + report.sent;
    auto done = co_await attempt(command, request, local, report);
    if (done || done.error().lasting) co_return done;
    failures = report.stored + report.sent > before ? 1 : failures + 1;
    if (failures == max_attempts) co_return done;
    const seconds pause(1 << (failures - 1));
    say(fmt::format("{}; again in {} s", done.error().reason, pause.count()));
    boost::asio::steady_timer timer(context, pause);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

void say_refused(std::string_view where, const std::map<nostr::EventId, std::string>& refused) {
  for (const auto& [id, reason] : refused)
    say(fmt::format("refused {}: {} {}", where, base::to_hex(id), reason));
}

void print_summary(const SyncCommand& command, const client::Report& report, bool complete) {
  std::string url;
  nostr::append_json_string(url, command.url);
  fmt::print(R"({{"url":{},"complete":{},"equal":{},"stored":{},"sent":{},"superseded":{},)"
             R"("refused_here":{},"refused_there":{},"withheld":{}}})"
             "\n",
             url, complete, complete && report.equal(), report.stored, report.sent,
             report.superseded, report.refused_here.size(), report.refused_there.size(),
             report.withheld.size());
}

}  // namespace

int cmd_sync(const SyncCommand& command) {
  Settings settings;
  if (!load(settings, command.config_path)) return failed;
  const auto direction = direction_of(command.direction);
  if (!direction) {
    say(fmt::format("--dir {}: write both, down or up", command.direction));
    return failed;
  }
  auto filter = nostr::MessageParser(settings.core.limits).parse_filter(command.filter);
  if (!filter) {
    say(fmt::format("the filter: {}; write it like '{{\"kinds\":[1]}}'", filter.error()));
    return failed;
  }
  if (filter->searches()) {
    say("the filter: a search finds the best, not all, so it cannot be compared; leave it out");
    return failed;
  }
  auto store = open_lasting(settings.core);
  if (!store) {
    say(store.error());
    return failed;
  }

  boost::asio::io_context context{1};
  client::Report report;
  std::optional<std::expected<void, client::Failure>> outcome;
  {
    LocalRelay local(settings, std::move(*store), *filter, context, make_log(settings.core.log));
    const client::Request request{command.filter, *std::move(filter), *direction, say};
    boost::asio::co_spawn(context, run(command, request, local, report, context),
                          [&](const std::exception_ptr& thrown, auto ended) {
                            if (thrown) std::rethrow_exception(thrown);
                            outcome = std::move(ended);
                          });
    while (!outcome) context.run_one();
  }
  if (!*outcome) say(outcome->error().reason);
  say_refused("here", report.refused_here);
  say_refused("there", report.refused_there);
  print_summary(command, report, outcome->has_value());
  if (!*outcome) return failed;
  return report.equal() ? done : partly;
}

}  // namespace app
