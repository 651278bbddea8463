#pragma once
// The verbs of the command line, one file each. They return the exit code; data goes to stdout, everything else to stderr.
#include <string>

namespace app {

/// Serves until SIGTERM or SIGINT. 0: stopped as asked; 1: could not start, stderr says why and what to do.
int cmd_relay(const std::string& config_path);

/// Loads the configuration and says whether the relay would start with it.
int cmd_check_config(const std::string& config_path);

/// Prints every key with its meaning, default and environment names, as Markdown.
int cmd_config_reference();

struct HealthCommand {
  std::string config_path;
  std::string url{};  ///< "" = the one in the configuration, asked for /readyz
  int timeout_s = 5;
};
/// Asks a running relay whether it is ready. 0: it answers 200; 1: anything else, stderr says what.
int cmd_healthcheck(const HealthCommand& command);

struct SyncCommand {
  std::string config_path;
  std::string url;     ///< of the other relay
  std::string filter;  ///< JSON
  std::string direction = "both";
  int timeout_s = 30;  ///< of the other relay's silence
};
/// Makes the store and another relay equal for one filter (NIP-77). How far it is and what was refused goes to stderr, a
/// summary as JSON to stdout. 0: equal; 1: some events were refused or withheld; 2: it failed.
int cmd_sync(const SyncCommand& command);

}  // namespace app
