#include <fmt/format.h>

#include "app/store_access.h"
#include "app/store_commands.h"

namespace app {

int cmd_migrate(const std::string& config_path) {
  Settings settings;
  if (!load(settings, config_path)) return failed;
  bool changed = false;
  const auto tell = [&changed](std::string_view change) {
    changed = true;
    fmt::print("{}\n", change);
  };
  const auto store = open_lasting(settings.core, tell);
  if (!store) return fail(store.error());
  if (!changed) fmt::print("the store is as this version keeps it; nothing was changed\n");
  return print_info(**store, false);
}

}  // namespace app
