#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/manage.h"
#include "app/store_commands.h"

int main(int argc, char** argv) {
  CLI::App cli{
      "A Nostr relay with an MLS gateway: delivers each message only to those it is for.\n\n"
      "Examples:\n"
      "  mls-gateway relay -c config/mls-gateway.toml\n"
      "  PORT=9000 mls-gateway relay -c config/mls-gateway.toml\n"
      "  mls-gateway check-config -c config/mls-gateway.toml\n"
      "  mls-gateway healthcheck --url http://127.0.0.1:8080/readyz\n"
      "  mls-gateway export -c config/mls-gateway.toml --gzip > events.jsonl.gz"};
  cli.set_version_flag("--version", "mls-gateway " GATEWAY_VERSION);
  cli.require_subcommand(1);

  std::string config_path = "config/mls-gateway.toml";
  const auto takes_config = [&config_path](CLI::App* command) {
    command
        ->add_option("-c,--config", config_path,
                     "TOML file; every key also has an environment variable")
        ->capture_default_str();
    return command;
  };
  auto* relay = takes_config(cli.add_subcommand("relay", "Serve until SIGTERM or Ctrl-C"));
  auto* check = takes_config(
      cli.add_subcommand("check-config", "Say whether the relay would start with this file"));
  bool reference = false;
  check->add_flag("--reference", reference,
                  "Print every key with its meaning and default (Markdown) instead");
  auto* health =
      takes_config(cli.add_subcommand("healthcheck", "Ask a running relay whether it is ready"));
  app::HealthCommand asked;
  health->add_option(
      "--url", asked.url,
      "Address to ask, http://host:port/readyz or unix:/path; without it, the one in "
      "the configuration");
  health->add_option("--timeout", asked.timeout_s, "Seconds to wait for the answer")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  health->footer(
      "Ends with 0 when the relay is ready, else with 1 and the reason on stderr.\n\n"
      "Examples:\n"
      "  mls-gateway healthcheck -c config/mls-gateway.toml --timeout 2\n"
      "  mls-gateway healthcheck --url unix:/run/mls-gateway.sock");
  auto* sync = takes_config(cli.add_subcommand(
      "sync",
      "Make the store and another relay equal for a filter (NIP-77); on LMDB not while it serves"));
  app::SyncCommand what;
  sync->add_option("url", what.url, "The other relay, like wss://relay.example.com")->required();
  sync->add_option("filter", what.filter, "What to compare, like '{\"kinds\":[1]}'")->required();
  sync->add_option("--dir", what.direction, "both, down (fetch only) or up (send only)")
      ->capture_default_str();
  sync->add_option("--timeout", what.timeout_s, "Seconds that the other relay may say nothing")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  std::function<int()> run;
  app::add_store_commands(cli, config_path, run);
  app::add_manage_command(cli, config_path, run);
  CLI11_PARSE(cli, argc, argv);
  if (run) return run();

  if (relay->parsed()) return app::cmd_relay(config_path);
  if (check->parsed())
    return reference ? app::cmd_config_reference() : app::cmd_check_config(config_path);
  if (sync->parsed()) {
    what.config_path = config_path;
    return app::cmd_sync(what);
  }
  asked.config_path = config_path;
  return app::cmd_healthcheck(asked);
}
