#pragma once
// The verbs for an operator's data: what is in the store, in, out and away. They return an ExitCode; data goes to
// stdout, everything else to stderr. Those that read work beside a relay that runs; those that write need it stopped where
// one process writes (LMDB), and on a database work beside relays, which hear of their commits as of each other's.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/exit_code.h"
#include "app/output.h"

namespace CLI {
class App;
}

namespace app {

struct ImportWishes {
  bool verify = true;
  std::size_t batch = 1000;
};
/// Events from stdin, one a line, taken as from an anonymous client. `partly`: some were refused.
int cmd_import(const std::string& config_path, const ImportWishes& wishes);

struct ExportWishes {
  std::optional<std::int64_t> since{}, until{};
  bool reverse = false;
  std::string filter = "{}";
  Packing packing = Packing::none;
};
/// Events to stdout, oldest first, one a line, byte for byte as they are stored.
int cmd_export(const std::string& config_path, const ExportWishes& wishes);

struct ScanWishes {
  std::string filter{};
  bool count = false;
  bool ids = false;
};
/// What a filter matches, newest first, as a REQ would find it, past all read rules.
int cmd_scan(const std::string& config_path, const ScanWishes& wishes);

struct DeleteWishes {
  std::string filter{};
  std::optional<std::int64_t> age_days{};
  bool dry_run = false;
};
/// Takes events out, with their rows. They may come again: nobody's deletion is noted.
int cmd_delete(const std::string& config_path, const DeleteWishes& wishes);

int cmd_compact(const std::string& config_path);
/// Opening brings the store to the form of this version; says what was done and what is there.
int cmd_migrate(const std::string& config_path);
/// Everything of the store into that of the configuration `to_path`, which must be empty.
int cmd_copy(const std::string& config_path, const std::string& to_path);
int cmd_info(const std::string& config_path, bool json);
/// A copy of the store as a folder that opens as one.
int cmd_backup(const std::string& config_path, const std::string& destination);

/// Adds them all to `cli`. `run` is what the chosen one does; what is given here outlives the parsing.
void add_store_commands(CLI::App& cli, std::string& config_path, std::function<int()>& run);

}  // namespace app
