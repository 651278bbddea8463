#pragma once
// The command `manage`: NIP-86 from the command line.
#include <functional>
#include <string>
#include <vector>

#include "app/exit_code.h"

namespace CLI {
class App;
}

namespace app {

struct ManageWishes {
  std::string method{};
  std::vector<std::string> params{};
  std::string relay{};     ///< its URL; "": the one in the configuration
  std::string key_file{};  ///< holds the secret key; "": it is in NOSTR_SECRET_KEY
  bool offline = false;    ///< on the store itself, beside no relay
};

/// Prints the result as JSON. An ExitCode: done; partly: the call was refused, stderr says why; failed: it could not be
/// made.
int cmd_manage(const std::string& config_path, const ManageWishes& wishes);

/// Adds it to `cli`. `run` is what the chosen verb does; what is given here outlives the parsing.
void add_manage_command(CLI::App& cli, std::string& config_path, std::function<int()>& run);

/// The answer of the store's lists to a call (JSON), for who may write to the store. Prints nothing.
struct OfflineAnswer {
  ExitCode exit_code = failed;
  std::string text{};  ///< the result as JSON, or what is wrong
};
[[nodiscard]] OfflineAnswer manage_offline(const std::string& config_path, const std::string& call);

}  // namespace app
