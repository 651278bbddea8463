#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "app/address.h"
#include "app/commands.h"
#include "app/config_watch.h"
#include "app/logger.h"
#include "app/relay_process.h"

namespace app {
namespace {

void print_next_steps(const config::Config& config, std::uint16_t port) {
  fmt::print(
      "mls-gateway {0} serves ws://{1}, data in {2}\n\n"
      "  Try next, in another terminal:\n"
      "    curl http://{1}/health\n"
      "    curl -H 'Accept: application/nostr+json' http://{1}/\n"
      "    npx wscat -c ws://{1}          # then type  [\"REQ\",\"first\",{{}}]\n\n"
      "  Stop with Ctrl-C.\n",
      GATEWAY_VERSION, url_authority(config.server.host, port),
      config.storage.backend == "memory" ? "memory only" : config.data.path);
  std::fflush(stdout);
}

/// Takes over what a running relay can; a file with errors changes nothing.
void reload(RelayProcess& process, Settings& running, const std::string& config_path,
            const base::Log& log) {
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
  log->info("configuration reloaded; changed: {}",
            changes.live.empty() ? "nothing" : fmt::format("{}", fmt::join(changes.live, ", ")));
}

void wait_for_stop_signal(RelayProcess& process, Settings& running, const std::string& config_path,
                          const base::Log& log) {
  boost::asio::io_context context;
  ConfigWatch watch(context, config_path, [&] { reload(process, running, config_path, log); });
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int signal) {
    log->info("stopping: {}", signal == SIGINT ? "interrupted" : "terminated");
    watch.stop();
  });
  context.run();
}

}  // namespace

int cmd_relay(const std::string& config_path) {
  Settings settings;
  if (!load(settings, config_path)) return 1;
  const base::Log log = make_log(settings.core.log);
  if (settings.gateway.enabled && !settings.core.auth.enabled)
    log->warn(
        "[auth] enabled = false: nobody can prove a key, so gated groups and direct messages reach "
        "nobody");
  for (const auto& wish : extensions::mls_gateway::unmet_wishes(settings.gateway))
    log->warn("{}", wish);
  auto process = RelayProcess::make(settings, log);
  if (!process) {
    log->error("{}", process.error());
    return 1;
  }
  (*process)->start();
  print_next_steps(settings.core, (*process)->port());
  wait_for_stop_signal(**process, settings, config_path, log);
  (*process)->stop();
  log->info("stopped");
  return 0;
}

}  // namespace app
