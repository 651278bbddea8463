#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "app/address.h"
#include "app/commands.h"
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

void wait_for_stop_signal(const base::Log& log) {
  boost::asio::io_context context;
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int signal) {
    log->info("stopping: {}", signal == SIGINT ? "interrupted" : "terminated");
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
  wait_for_stop_signal(log);
  (*process)->stop();
  log->info("stopped");
  return 0;
}

}  // namespace app
