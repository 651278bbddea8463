#include "app/store_commands.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace app {
namespace {

using Run = std::function<int()>;

struct Adding {
  CLI::App& cli;
  std::string& config_path;
  Run& run;

  CLI::App* verb(const char* name, const char* help) const {
    CLI::App* command = cli.add_subcommand(name, help);
    command->add_option("-c,--config", config_path, "TOML file of the relay")
        ->capture_default_str();
    return command;
  }
  /// `wishes` are kept alive by what runs.
  template <typename Wishes, typename Command>
  void runs(CLI::App* verb, std::shared_ptr<Wishes> wishes, Command command) const {
    verb->callback([&run = run, &path = config_path, wishes, command] {
      run = [&path, wishes, command] { return command(path, *wishes); };
    });
  }
};

void add_import(const Adding& adding) {
  auto wishes = std::make_shared<ImportWishes>();
  auto* verb = adding.verb(
      "import",
      "Take events from stdin: JSON, one a line, plain, gzip or zstd; on LMDB the relay "
      "must be stopped");
  verb->add_flag(
      "--no-verify", [wishes](std::int64_t) { wishes->verify = false; },
      "Believe ids and signatures; everything else is checked");
  verb->add_option("--batch", wishes->batch, "Events in one commit")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  adding.runs(verb, wishes, cmd_import);
}

void add_export(const Adding& adding) {
  auto wishes = std::make_shared<ExportWishes>();
  auto* verb = adding.verb("export", "Print events, oldest first, one a line");
  verb->add_option("--since", wishes->since, "created_at from here on, in seconds since 1970");
  verb->add_option("--until", wishes->until, "created_at up to here");
  verb->add_flag("--reverse", wishes->reverse, "Newest first");
  verb->add_option("--filter", wishes->filter, "NIP-01 filter")->capture_default_str();
  const auto packs = [wishes](Packing packing) {
    return [wishes, packing](std::int64_t) { wishes->packing = packing; };
  };
  auto* gzip = verb->add_flag("--gzip", packs(Packing::gzip), "Pack the output");
  verb->add_flag("--zstd", packs(Packing::zstd), "Pack the output")->excludes(gzip);
  adding.runs(verb, wishes, cmd_export);
}

void add_scan(const Adding& adding) {
  auto wishes = std::make_shared<ScanWishes>();
  auto* verb = adding.verb("scan", "Print what a filter matches, newest first");
  verb->add_option("filter", wishes->filter, "NIP-01 filter, as JSON")->required();
  auto* count = verb->add_flag("--count", wishes->count, "Print how many");
  verb->add_flag("--ids", wishes->ids, "Print ids only")->excludes(count);
  adding.runs(verb, wishes, cmd_scan);
}

void add_delete(const Adding& adding) {
  auto wishes = std::make_shared<DeleteWishes>();
  auto* verb = adding.verb("delete", "Remove events; on LMDB the relay must be stopped");
  verb->add_option("--filter", wishes->filter, "NIP-01 filter, as JSON");
  verb->add_option("--age", wishes->age_days, "Whose created_at is this many days ago or more")
      ->check(CLI::Range(0, 100'000));
  verb->add_flag("--dry-run", wishes->dry_run, "Only say how many; the relay may run");
  adding.runs(verb, wishes, cmd_delete);
}

void add_backup(const Adding& adding) {
  auto destination = std::make_shared<std::string>();
  auto* verb = adding.verb("backup", "Copy an LMDB store into a new folder, while the relay runs");
  verb->add_option("destination", *destination, "Folder that is not there yet, or empty")
      ->required();
  adding.runs(verb, destination, cmd_backup);
}

void add_copy(const Adding& adding) {
  auto to = std::make_shared<std::string>();
  auto* verb = adding.verb(
      "copy", "Copy everything into another, empty store of any kind; relays must be stopped");
  verb->add_option("--to", *to, "TOML file that names the other store")->required();
  adding.runs(verb, to, cmd_copy);
}

void add_info(const Adding& adding) {
  auto json = std::make_shared<bool>(false);
  auto* verb = adding.verb("info", "Say how much is stored");
  verb->add_flag("--json", *json, "As one JSON object");
  adding.runs(verb, json, cmd_info);
}

}  // namespace

void add_store_commands(CLI::App& cli, std::string& config_path, std::function<int()>& run) {
  const Adding adding{cli, config_path, run};
  add_import(adding);
  add_export(adding);
  add_scan(adding);
  add_delete(adding);
  add_info(adding);
  add_backup(adding);
  add_copy(adding);
  auto* compact = adding.verb(
      "compact", "Give freed space of LMDB back to the file system; the relay must be stopped");
  compact->callback([&run, &config_path] { run = [&] { return cmd_compact(config_path); }; });
  auto* migrate = adding.verb(
      "migrate", "Bring the store to the form that this version keeps, as the relay does at start");
  migrate->callback([&run, &config_path] { run = [&] { return cmd_migrate(config_path); }; });
}

}  // namespace app
