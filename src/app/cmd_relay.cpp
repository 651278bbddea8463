#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>

#include "app/address.h"
#include "app/commands.h"
#include "app/config_watch.h"
#include "app/logger.h"
#include "app/open_files.h"
#include "app/open_store.h"
#include "app/relay_process.h"

namespace app {
namespace {

void print_next_steps(const config::Config& config, std::uint16_t port) {
  fmt::print(
      "mls-gateway {0} serves ws{3}://{1}, data in {2}\n\n"
      "  Try next, in another terminal:\n"
      "    curl http{3}://{1}/health\n"
      "    curl -H 'Accept: application/nostr+json' http{3}://{1}/\n"
      "    npx wscat -c ws{3}://{1}          # then type  [\"REQ\",\"first\",{{}}]\n\n"
      "  Stop with Ctrl-C.\n",
      GATEWAY_VERSION, url_authority(config.server.host, port),
      place_of(config.storage, config.data), config.network.tls_cert.empty() ? "" : "s");
  std::fflush(stdout);
}

/// Takes over what a running relay can; a file with errors changes nothing.
void reload(RelayProcess& process, Settings& running, const std::string& config_path,
            const Logs& logs) {
  const base::Log log = logs.of("app");
  Settings next;
  const auto warnings = read(next, config_path);
  if (!warnings) {
    for (const auto& wrong : warnings.error()) log->error("{}", wrong);
    log->error("configuration not reloaded: what was in force stays; mend the file and save it");
    return;
  }
  for (const auto& warning : *warnings) log->warn("{}", warning);
  const Changes changes = hold_back(next, running);
  for (const auto& name : changes.held_back)
    log->warn("{}: has changed, and takes effect after a restart", name);
  process.reload(next);
  running = std::move(next);
  logs.configure(running.core.log);
  log->info("configuration reloaded; changed: {}",
            changes.live.empty() ? "nothing" : fmt::format("{}", fmt::join(changes.live, ", ")));
}

/// SIGINT and SIGTERM, from the construction on.
struct StopSignals {
  boost::asio::io_context context{};
  boost::asio::signal_set set{context, SIGINT, SIGTERM};
};

/// The signal that ended the wait; from then on another one ends the process at once.
int wait_for(StopSignals& signals, RelayProcess& process, Settings& running,
             const std::string& config_path, const Logs& logs) {
  ConfigWatch watch(signals.context, config_path,
                    [&] { reload(process, running, config_path, logs); });
  int received = 0;
  signals.set.async_wait([&](boost::system::error_code, int signal) {
    received = signal;
    watch.stop();
  });
  signals.context.run();
  boost::system::error_code ignored;
  signals.set.clear(ignored);
  std::signal(SIGHUP, SIG_IGN);  // the watch that took it ends here
  logs.of("app")->info("stopping: {}; a second signal ends it at once",
                       received == SIGINT ? "interrupted" : "terminated");
  return received;
}

/// Whoever presses Ctrl-C waits for the end; a service that is replaced has the time to let its clients go one by one.
std::chrono::seconds drain_after(int signal, const config::Network& network) {
  return std::chrono::seconds(signal == SIGTERM ? network.drain_s : 0);
}

}  // namespace

int cmd_relay(const std::string& config_path) {
  // Until the configuration is watched, and whatever becomes of who reads the log.
  for (const int signal : {SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
  Settings settings;
  if (!load(settings, config_path)) return 1;
  const Logs logs(settings.core.log, "json");
  const base::Log log = logs.of("app");
  if (settings.gateway.enabled && !settings.core.auth.enabled)
    log->warn(
        "[auth] enabled = false: nobody can prove a key, so gated groups and direct messages reach "
        "nobody");
  const auto few_files = raise_open_files(settings.core.limits.max_connections);
  if (!few_files.empty()) log->warn("{}", few_files);
  auto process = RelayProcess::make(settings, log);
  if (!process) {
    log->error("{}", process.error());
    return 1;
  }
  StopSignals signals;  // before anyone is told that it serves, and may stop it
  (*process)->start();
  base::log(log, base::level::info, "serving",
            {{"version", GATEWAY_VERSION},
             {"host", settings.core.server.host},
             {"port", (*process)->port()},
             {"store", settings.core.storage.backend}});
  print_next_steps(settings.core, (*process)->port());
  const int signal = wait_for(signals, **process, settings, config_path, logs);
  (*process)->stop(drain_after(signal, settings.core.network));
  log->info("stopped");
  return 0;
}

}  // namespace app
